import type { Page } from '@playwright/test'
import { Customers, expect, hydrated, signIn, test } from '../fixtures'
import { chooseLanguage, textsInLanguage } from '../language'

// Runs on the server of the stories, because it renames and tags a customer.

/** Switches to the other language and back, and expects no text of the previous language. */
async function expectToFollow(page: Page) {
  // Texts of the current language are detected.
  await expect.poll(() => textsInLanguage(page, 'en')).not.toEqual([])
  await chooseLanguage(page, 'zh-CN')
  await expect.poll(() => textsInLanguage(page, 'en')).toEqual([])
  await expect.poll(() => textsInLanguage(page, 'zh-CN')).not.toEqual([])
  await chooseLanguage(page, 'en')
  await expect.poll(() => textsInLanguage(page, 'zh-CN')).toEqual([])
}

test.beforeEach(async ({ page }) => {
  await signIn(page, 'admin')
})

test('the list, the Sort panel and the active filters', async ({ page }) => {
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'custom', from: '2020-01-01T00:00', channel: 'wechat', on: 'latest', q: 'zhang' })
  await customers.openPanel()
  await expectToFollow(page)
})

test('the empty list, with its suggestions and the reason why a customer is missing', async ({ page }) => {
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
  const [id] = await customers.ids()
  await customers.open({ period: 'today', id: id!, blacklisted: 'no' })
  await expect(customers.empty.getByRole('link', { name: /of all time/ })).toBeVisible()
  await expect(customers.empty.getByText(/exists, but these filters/)).toBeVisible()
  await expectToFollow(page)
})

test('the settings, with a new key', async ({ page }) => {
  await page.goto('/admin/settings')
  await hydrated(page)
  await page.getByLabel('Key name').fill('wb words')
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByText('not be shown again')).toBeVisible()
  await page.getByRole('switch', { name: 'Agents can create tags' }).click()
  await expect(page.getByText('Saved')).toBeVisible()
  await expectToFollow(page)
  await page.getByRole('switch', { name: 'Agents can create tags' }).click()
})

test('the conversations', async ({ page }) => {
  await page.goto('/conversations')
  await hydrated(page)
  await expectToFollow(page)
})

test('a customer with a field history, and toasts', async ({ page }) => {
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all', blacklisted: 'no' })
  await customers.names.nth(8).click()
  const panel = page.getByRole('complementary')
  await panel.getByRole('button', { name: 'Edit Company' }).click()
  const field = panel.getByLabel('Company', { exact: true })
  await field.fill(`Company ${Date.now()}`)
  await field.press('Enter')
  await panel.getByRole('button', { name: 'History of Company' }).click()
  await expect(panel.getByRole('list', { name: 'History of Company' }).getByRole('listitem').first()).toBeVisible()
  await panel.getByRole('button', { name: 'Restore' }).first().click()
  await expect(page.locator('.toast').last()).toContainText('Company restored')
  await panel.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  // The toast stays while it is hovered.
  await page.locator('.toast').last().hover()
  await page.evaluate(() => document.querySelector<HTMLElement>('.toast button')?.focus())
  await expectToFollow(page)
  for (const tab of ['Customer Tags', 'Interaction']) {
    await panel.getByRole('navigation').getByRole('link', { name: tab }).click()
    await expect(panel.locator('.tag-list, .reader')).toBeVisible()
    await expectToFollow(page)
  }
})

test('the title follows a customer who is renamed in another browser, with right-to-left letters', async ({ page, browser, baseURL }) => {
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all' })
  const row = customers.rows.nth(3)
  await row.getByRole('rowheader').getByRole('link').click()
  await expect(page).toHaveTitle(/. · Customers · Clientele$/)

  const elsewhere = await browser.newContext({ baseURL })
  const other = await elsewhere.newPage()
  await signIn(other, 'admin')
  await other.goto(page.url())
  await hydrated(other)
  await other.getByRole('button', { name: 'Edit Nickname' }).click()
  await other.getByLabel('Nickname', { exact: true }).fill('مريم (VIP) 42')
  await other.getByLabel('Nickname', { exact: true }).press('Enter')
  await expect(page).toHaveTitle('\u2068مريم (VIP) 42\u2069 · Customers · Clientele')
  await expect(row.getByRole('button')).toHaveAccessibleName(/^Call \u2068مريم \(VIP\) 42\u2069 back/)
  await elsewhere.close()
})
