import { sessionCookies, Customers, expect, hydrated, signIn, test } from '../fixtures'
import { chooseLanguage } from '../language'

test('dates are shown in the language of the page, and in UTC in the markup', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  // The accessible name of the table depends on the language.
  const time = page.locator('.list-window time').first()
  const datetime = (await time.getAttribute('datetime')) ?? ''
  expect(datetime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const written = (locale: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Shanghai' }).format(
      new Date(datetime),
    )
  await customers.names.first().click()
  const detail = page.getByRole('complementary')
  await expect(detail.getByText(`created ${written('en-US')}`)).toBeVisible()
  await chooseLanguage(page, 'zh-CN')
  await expect(time).toHaveAttribute('title', written('zh-CN'))
  await expect(detail.getByText(`创建于 ${written('zh-CN')}`)).toBeVisible()

  // Day headings contain the weekday; messages show only the time.
  await page.goto(`${page.url()}&tab=interaction`)
  await hydrated(page)
  await expect(page.locator('.reader .day').first()).toHaveText(/^\d{4}年\d+月\d+日星期.$/)
  const message = page.locator('.reader .message time').first()
  await expect(message).toHaveText(/^\d\d:\d\d$/)
  await expect(message).toHaveAttribute('title', /^\d{4}年\d+月\d+日 \d\d:\d\d$/)
})

test('relative times are updated, also on return to a hidden tab', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const time = customers.rows.first().locator('time').first()
  const at = Date.parse((await time.getAttribute('datetime')) ?? '')
  await page.clock.install({ time: at + 5_000 })
  await customers.open({ period: 'all' })
  await expect(time).toHaveText('just now')
  await page.clock.runFor(90_000)
  await expect(time).toHaveText('1 min ago')
  // Timers do not run in a hidden tab.
  await page.clock.setFixedTime(at + 3_600_000 * 2)
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })))
  await expect(time).toHaveText('2 h ago')
})

test('the title names the open page or customer, in the language of the page', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  await expect(page).toHaveTitle('Customers · Clientele')
  const names = await customers.names.allInnerTexts()
  await customers.names.nth(1).click()
  await expect(page).toHaveTitle(`${names[1]} · Customers · Clientele`)
  await customers.names.nth(2).click()
  await expect(page).toHaveTitle(`${names[2]} · Customers · Clientele`)
  await chooseLanguage(page, 'zh-CN')
  await expect(page).toHaveTitle(`${names[2]} · 客户中心 · Clientele`)
  await page.reload()
  await hydrated(page)
  await expect(page).toHaveTitle(`${names[2]} · 客户中心 · Clientele`)
  await chooseLanguage(page, 'en')
  await page.getByRole('link', { name: 'Close customer' }).click()
  await expect(page).toHaveTitle('Customers · Clientele')
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }).click()
  await expect(page).toHaveTitle('System Settings · Clientele')
})

test.describe('a page that does not exist', () => {
  test.use({ expectedOnConsole: /status of 404/ })

  test('has a title of its own', async ({ page }) => {
    await signIn(page, 'admin')
    await page.goto('/no-such-page')
    await hydrated(page)
    await expect(page).toHaveTitle('Page not found · Clientele')
    await page.goBack()
  })
})

test('a browser in another time zone sees its own days at once, and the time zone of a link', async ({
  customers,
  browser,
  baseURL,
  page,
}) => {
  await customers.open({ period: 'all' })
  const [newest] = await customers.times('Created')
  const cookies = await sessionCookies(page.context())
  const lima = new Date(Date.parse(`${newest}Z`) - 13 * 3_600_000)
  const minute = (after: number) => new Date(lima.getTime() + after * 60_000).toISOString().slice(0, 16)

  for (const known of ['Asia/Shanghai', '']) {
    const context = await browser.newContext({ baseURL, timezoneId: 'America/Lima' })
    await context.addCookies(cookies.filter(cookie => cookie.httpOnly || known))
    const reader = await context.newPage()
    const asked: string[] = []
    reader.on('request', request => {
      if (new URL(request.url()).pathname === '/api/customers') asked.push(request.url())
    })
    const theirs = new Customers(reader, '/admin/customers')
    await reader.goto(`/admin/customers?period=custom&from=${minute(0)}&to=${minute(1)}`)
    // The list is reloaded in the browser's time zone: for a moment it has no columns.
    await expect(async () => expect((await theirs.times('Created'))[0]).toBe(minute(0))).toPass()
    expect(asked.length).toBe(1)
    await expect(reader.getByText('Time zone: America/Lima')).toBeVisible()

    await reader.reload()
    await hydrated(reader)
    await expect(theirs.rows.first()).toBeVisible()
    expect(asked.length).toBe(1)
    await context.close()
  }
})
