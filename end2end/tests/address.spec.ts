import { expect, hydrated, test } from '../fixtures'

// The page always shows what the URL says, whatever the navigation that led to it.

test('after Back and Forward a link leads to its own target', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  const tabs = detail.getByRole('navigation', { name: 'Customer sections' })
  await tabs.getByRole('link', { name: 'Customer Tags' }).click()
  await expect(page).toHaveURL(/tab=tags/)
  await tabs.getByRole('link', { name: 'Interaction' }).click()
  await expect(page).toHaveURL(/tab=interaction/)
  await page.goBack()
  await expect(page).toHaveURL(/tab=tags/)
  await page.goForward()
  await expect(page).toHaveURL(/tab=interaction/)
  await tabs.getByRole('link', { name: 'Customer Tags' }).click()
  await expect(tabs.getByRole('link', { name: 'Customer Tags' })).toHaveAttribute('aria-current', 'page')
  await expect(page).toHaveURL(/tab=tags/)
  // Each step is still one history entry.
  await page.goBack()
  await expect(page).toHaveURL(/tab=interaction/)
  await page.goBack()
  await expect(page).toHaveURL(/tab=tags/)
  await expect(tabs.getByRole('link', { name: 'Customer Tags' })).toHaveAttribute('aria-current', 'page')
})

test('the pane of a customer that does not exist can be closed', async ({ page, customers, expectOnConsole }) => {
  expectOnConsole(/status of 404/)
  await page.goto('/admin/customers/abc?period=all')
  await hydrated(page)
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { name: 'Customer not found' })).toBeVisible()
  await expect(customers.names.first()).toBeVisible()
  await detail.getByRole('link', { name: 'Close customer' }).click()
  await expect(detail).toBeHidden()
  await expect(page).toHaveURL(/\/admin\/customers\?period=all$/)
})

test('leaving the page requests no further list', async ({ customers, page }) => {
  await page.goto('/customers?period=all&q=a')
  await hydrated(page)
  const asked: string[] = []
  page.on('request', request => void (request.url().includes('/api/customers?') && asked.push(request.url())))
  await page.getByRole('link', { name: 'Conversations' }).click()
  await expect(page.getByRole('heading', { name: 'Conversations', exact: true })).toBeVisible()
  await page.waitForTimeout(300)
  expect(asked).toEqual([])
  void customers
})

test('Ctrl+click anywhere in a row opens another tab', async ({ customers, page, context }) => {
  await customers.open({ period: 'all' })
  const id = (await customers.ids())[1]!
  const opened = context.waitForEvent('page')
  await customers.rows.nth(1).getByRole('cell', { name: id }).click({ modifiers: ['Control'] })
  const other = await opened
  await expect(other).toHaveURL(/\/admin\/customers\/\d+/)
  await expect(page.getByRole('complementary', { name: 'Customer' })).toBeHidden()
})

test('a click anywhere in a row opens the customer, and the row has the focus', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const id = (await customers.ids())[1]!
  await customers.rows.nth(1).getByRole('cell', { name: id }).click()
  await expect(page.getByRole('complementary', { name: 'Customer' }).getByRole('heading', { level: 2 })).toBeVisible()
  await expect(customers.names.nth(1)).toBeFocused()
})

test('a match in a hidden column is shown beside the name', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const emails = (await customers.texts('Email')).filter(email => email)
  await customers.open({ period: 'all', q: emails[0]! })
  const named = customers.rows.first().locator('.matched')
  await expect(named).toBeHidden()
  await customers.names.first().click()
  await expect(page.getByRole('complementary', { name: 'Customer' }).getByRole('heading', { level: 2 })).toBeVisible()
  await expect(named).toBeVisible()
  await expect(named).toContainText('Email')
  await expect(named.locator('mark')).toHaveText(emails[0]!)
})

test('Reset keeps the search and the order', async ({ customers, page }) => {
  await customers.open({ period: 'month', q: 'a', sort: 'nickname' })
  await customers.openPanel()
  await customers.reset.click()
  await expect(page).toHaveURL(/q=a/)
  await expect(page).toHaveURL(/sort=nickname/)
  await expect(page).not.toHaveURL(/period/)
})

test('a new order and a new filter start at the top', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const list = page.locator('.list')
  await list.evaluate(list => list.scrollTo(0, 3_000))
  await expect(page.locator('tr[aria-rowindex="70"]')).toBeVisible()
  await customers.table.getByRole('columnheader', { name: 'Nickname' }).getByRole('link').click()
  await expect(page.locator('tr[aria-rowindex="2"]')).toBeVisible()
  expect(await list.evaluate(list => list.scrollTop)).toBe(0)
  await list.evaluate(list => list.scrollTo(0, 3_000))
  await expect(page.locator('tr[aria-rowindex="70"]')).toBeVisible()
  await customers.search.fill('a')
  await expect(page.locator('tr[aria-rowindex="2"]')).toBeVisible()
})

test('while another customer loads, the previous one is marked as outdated and ignores keys', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  await customers.names.nth(0).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toHaveText(await customers.names.nth(0).innerText())
  let arrive = () => {}
  const held = new Promise<void>(resolve => (arrive = resolve))
  await page.route('**/api/customers/one?*', async route => {
    await held
    await route.continue()
  })
  await page.keyboard.press(']')
  await expect(detail).toHaveAttribute('aria-busy', 'true')
  const url = page.url()
  await page.keyboard.press('3')
  await page.waitForTimeout(200)
  expect(page.url()).toBe(url)
  arrive()
  await expect(detail.getByRole('heading', { level: 2 })).toHaveText(await customers.names.nth(1).innerText())
  await expect(detail).toHaveAttribute('aria-busy', 'false')
  await page.keyboard.press('3')
  await expect(page).toHaveURL(/tab=interaction/)
})

test('ticks stay as set when the responses arrive in another order', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  await customers.names.nth(5).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  await page.keyboard.press('2')
  const boxes = detail.getByRole('checkbox')
  await expect(boxes.first()).toBeVisible()
  const before = await Promise.all([0, 1].map(place => boxes.nth(place).isChecked()))
  let first = true
  await page.route('**/api/customers/tag', async route => {
    const answer = await route.fetch()
    if (first) {
      first = false
      await new Promise(resolve => setTimeout(resolve, 800))
    }
    await route.fulfill({ response: answer })
  })
  await boxes.nth(0).click()
  await page.waitForTimeout(150)
  await boxes.nth(1).click()
  for (let look = 0; look < 8; look++) {
    await page.waitForTimeout(150)
    for (const place of [0, 1]) expect(await boxes.nth(place).isChecked(), `look ${look}, ${place}`).toBe(!before[place])
  }
  await page.unroute('**/api/customers/tag')
  for (const place of [0, 1]) await boxes.nth(place).click()
  await page.reload()
  await expect.poll(() => Promise.all([0, 1].map(place => boxes.nth(place).isChecked()))).toEqual(before)
})

test('Back before hydration leads to the page of the URL', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  await customers.names.nth(1).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  let arrive = () => {}
  const held = new Promise<void>(resolve => (arrive = resolve))
  await page.route('**/*.wasm', async route => {
    await held
    await route.continue()
  })
  await page.reload({ waitUntil: 'commit' })
  await expect(detail).toBeVisible()
  await page.evaluate(() => history.back())
  await expect(page).toHaveURL(/\/admin\/customers\?period=all$/)
  arrive()
  await expect(detail).toHaveCount(0)
  await hydrated(page)
  await customers.names.nth(1).click()
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
})
