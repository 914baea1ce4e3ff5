import { Customers, expect, signIn, test } from '../fixtures'

test('shows this week, newest first, with the columns agents know', async ({ customers }) => {
  await customers.open()
  await expect(customers.chip('This week')).toBeVisible()
  const headings = await customers.table.getByRole('columnheader').allInnerTexts()
  expect(headings.map(heading => heading.trim())).toEqual([
    'Nickname',
    'Customer ID',
    'Tags',
    'Phone',
    'Email',
    'Channel',
    'Created',
    'Latest conversation',
    'Callback',
  ])
  await expect(customers.table.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'descending')
  const created = await customers.times('Created')
  expect(created.length).toBeGreaterThan(0)
  expect(created).toEqual(created.toSorted().reverse())
})

test('the total is exact, and rows load on scrolling while the DOM stays small', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const total = await customers.total()
  expect(total).toBeGreaterThan(200)

  await customers.rows.first().hover()
  // The heading is the first row.
  const last = page.getByRole('row').and(page.locator(`[aria-rowindex="${total + 1}"]`))
  await expect(async () => {
    await page.mouse.wheel(0, 20_000)
    await expect(last).toBeVisible({ timeout: 500 })
  }).toPass()
  expect(await customers.rows.count()).toBeLessThan(150)

  const oldest = (await customers.ids()).at(-1)
  await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
  expect((await customers.ids())[0]).toBe(oldest)
})

test('headings sort, a second click reverses the order, and the URL contains it', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const heading = customers.table.getByRole('columnheader', { name: 'Nickname' })
  await heading.getByRole('link').click()
  await expect(heading).toHaveAttribute('aria-sort', 'ascending')
  await expect(page).toHaveURL(/sort=nickname/)
  const first = await customers.names.first().innerText()

  await heading.getByRole('link').click()
  await expect(heading).toHaveAttribute('aria-sort', 'descending')
  await expect(customers.names.first()).not.toHaveText(first)

  await customers.table.getByRole('columnheader', { name: 'Latest conversation' }).getByRole('link').click()
  await expect(page).toHaveURL(/sort=latest/)
  await expect.poll(async () => {
    const latest = await customers.times('Latest conversation')
    return latest.length > 10 && latest.every((time, place) => place === 0 || time <= latest[place - 1]!)
  }).toBe(true)
})

test('blacklisted customers carry a mark', async ({ customers }) => {
  await customers.open({ period: 'all', blacklisted: 'yes' })
  expect(await customers.total()).toBeGreaterThan(0)
  await expect(customers.rows.first()).toContainText('Blacklisted')
  await customers.open({ period: 'all', blacklisted: 'no' })
  await expect(customers.rows.first()).toBeVisible()
  await expect(customers.rows.filter({ hasText: 'Blacklisted' })).toHaveCount(0)
})

test('times are relative, and exact on hover, in the language and time zone of the browser', async ({ customers, browser, baseURL }) => {
  await customers.open({ period: 'all' })
  const time = customers.rows.first().locator('time').first()
  const at = new Date((await time.getAttribute('datetime')) ?? '')
  const written = (locale: string, timeZone: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at)
  await expect(time).toHaveText(/ago|just now/)
  await expect(time).toHaveAttribute('title', written('en-US', 'Asia/Shanghai'))

  const elsewhere = await browser.newContext({ baseURL, timezoneId: 'America/Lima', locale: 'en-GB' })
  const reader = await elsewhere.newPage()
  await signIn(reader, 'admin')
  const theirs = new Customers(reader, '/admin/customers')
  await theirs.open({ period: 'all' })
  await expect(theirs.rows.first().locator('time').first()).toHaveAttribute('title', written('en-GB', 'America/Lima'))
  await elsewhere.close()
})

test('a row opens the customer beside the list, with a URL of its own', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const link = customers.names.nth(2)
  const name = await link.innerText()
  await link.click()
  await expect(page).toHaveURL(/\/customers\/\d+\?period=all/)
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { name })).toBeVisible()
  await expect(customers.table).toBeVisible()
  await expect(link).toHaveAttribute('aria-current', 'true')

  await page.reload()
  await expect(detail).toBeVisible()
  await page.goBack()
  await expect(detail).toHaveCount(0)
})

test('an agent sees those they have served, an admin all', async ({ customers, page, browser, baseURL }) => {
  await customers.open({ period: 'all' })
  const everyone = await customers.total()

  const other = await browser.newContext({ baseURL })
  const agent = await other.newPage()
  await signIn(agent, 'agent')
  const served = new Customers(agent, '/customers')
  await served.open({ period: 'all' })
  const ours = await served.total()
  expect(ours).toBeGreaterThan(0)
  expect(ours).toBeLessThan(everyone)

  // The newest customers include one that this agent has not served.
  const paths = await customers.names.evaluateAll(links => links.map(link => link.getAttribute('href')!))
  const answers = await Promise.all(
    paths.map(async path => (await agent.request.get(path.replace('/admin', ''))).status()),
  )
  expect(answers).toContain(404)
  expect(answers.every(status => status === 200 || status === 404)).toBe(true)
  // An ID out of scope and one that does not exist give the same answer.
  expect((await agent.request.get('/customers/999999999')).status()).toBe(404)
  expect((await page.request.get(paths[answers.indexOf(404)]!)).status()).toBe(200)
  await other.close()
})
