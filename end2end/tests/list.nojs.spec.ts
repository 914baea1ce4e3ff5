import { Customers, demo, expect, signIn, test } from '../fixtures'

// Reading, filtering and paging work without JavaScript, by links and forms.

test('sign-in reports an error, then succeeds and shows the list', async ({ page }) => {
  await page.goto('/admin/customers')
  await expect(page).toHaveURL(/\/sign-in/)
  await page.getByLabel('Login').fill('nobody-of-this-name')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toBeVisible()

  await page.getByLabel('Login').fill(demo.admin)
  await page.getByLabel('Password', { exact: true }).fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('table', { name: 'Customers' })).toBeVisible()
})

test('the first rows, the total and the order are in the document', async ({ customers }) => {
  await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
  expect(await customers.total()).toBeGreaterThan(200)
  expect(await customers.rows.count()).toBeGreaterThanOrEqual(20)
  const created = await customers.times('Created')
  expect(created).toEqual(created.toSorted())
})

test('the filter is a form', async ({ customers, page }) => {
  await customers.open()
  await customers.openPanel()
  await customers.panel.getByRole('radio', { name: 'All time' }).check()
  await customers.panel.getByRole('radio', { name: 'WeChat' }).check()
  await customers.apply.click()
  await expect(page).toHaveURL(/period=all/)
  expect(new Set(await customers.texts('Channel'))).toEqual(new Set(['WeChat']))
  await customers.chip('WeChat').click()
  await expect(page).not.toHaveURL(/channel=/)
})

test('an invalid period is reported at its field', async ({ customers }) => {
  await customers.open({ period: 'custom', from: '2026-03-02T09:00', to: '2026-03-01T18:30' })
  const to = customers.panel.getByLabel('To', { exact: true })
  await expect(to).toBeVisible()
  await expect(to).toHaveAccessibleDescription(/before the start/)
})

test('the search box is a form', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const id = (await customers.ids())[3]!
  await customers.search.fill(id)
  await customers.search.press('Enter')
  await expect(page).toHaveURL(/[?&]q=/)
  await expect(customers.row(id)).toBeVisible()
})

test('each page continues where the previous one ended', async ({ customers, page }) => {
  await customers.open({ period: 'all' })
  const first = await customers.ids()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Next' }).click()
  await expect(customers.rows.first()).toBeVisible()
  const second = await customers.ids()
  expect(second.filter(id => first.includes(id))).toEqual([])
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Previous' }).click()
  expect(await customers.ids()).toEqual(first)
})

test('an empty result offers suggestions', async ({ customers }) => {
  await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
  const [id] = await customers.ids()
  await customers.open({ period: 'today', id: id! })
  await customers.empty.getByRole('link', { name: /of all time/ }).click()
  await expect(customers.row(id!)).toBeVisible()
})

test('an agent reads their own list', async ({ page }) => {
  await signIn(page, 'agent')
  const customers = new Customers(page, '/customers')
  await customers.open({ period: 'all' })
  expect(await customers.total()).toBeGreaterThan(0)
})
