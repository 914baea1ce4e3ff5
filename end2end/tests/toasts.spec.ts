import { Customers, enableCustomersPage, expect, hydrated, signIn } from '../fixtures'
import { Channel, stamp } from '../channel'
import { channel, test } from '../faulty'

// Toasts, Undo, and what they offer.

test('Undo works after the customer was closed', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Undo ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  const customers = new Customers(page, '/admin/customers')
  await customers.names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('link', { name: 'Customer Tags' }).click()
  const box = panel.getByRole('searchbox')
  await box.fill('vip')
  // Enter selects the first tag shown, and creates none.
  await box.press('Enter')
  await expect(panel.getByRole('checkbox', { checked: true })).toHaveCount(1)
  await panel.getByRole('link', { name: 'Close customer' }).click()
  await expect(panel).toBeHidden()
  await expect(customers.names.first()).toBeFocused()
  const tags = page.getByRole('cell', { name: 'VIP' })
  await expect(tags).toHaveCount(1)
  await page.keyboard.press('z')
  await expect(tags).toHaveCount(0)
})

test('z undoes a field, a tag and a blacklist entry, wherever the focus is', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Back ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  const customers = new Customers(page, '/admin/customers')
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await customers.names.first().click()
  // Shortcuts of the customer work once it is loaded.
  await expect(panel.getByRole('heading', { name })).toBeVisible()
  await page.keyboard.press('e')
  const nickname = panel.getByLabel('Nickname', { exact: true })
  await nickname.fill(`${name} renamed`)
  await nickname.press('Enter')
  await expect(page.locator('.toast')).toContainText('Nickname saved')
  await expect(customers.names.first()).toHaveText(`${name} renamed`)
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await page.keyboard.press('z')
  await expect(customers.names.first()).toHaveText(name)
  await expect(page.locator('.toast').last()).toContainText('Undone')
  // A second z does not redo the change.
  await page.keyboard.press('z')
  await page.waitForTimeout(500)
  await expect(customers.names.first()).toHaveText(name)
  await customers.names.first().click()
  await panel.getByRole('button', { name: 'Add to Blacklist' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add to Blacklist' })
  await dialog.getByLabel('Reason').fill('a slip')
  await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(dialog).toBeHidden()
  await expect(customers.rows.first().getByText('Blacklisted')).toBeVisible()
  await page.keyboard.press('z')
  await expect(customers.rows.first().getByText('Blacklisted')).toHaveCount(0)
  await expect(panel.getByRole('button', { name: 'Add to Blacklist' })).toBeFocused()
  await expect(page.locator('.toast').last()).toContainText('Undone')
})

test('a repeated toast is announced again', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Again ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await new Customers(page, '/admin/customers').names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  const announced = () => page.evaluate(() => document.querySelector('.shell > [role="status"]')!.textContent)
  const said: (string | null)[] = []
  for (const company of ['One', 'Two']) {
    await panel.getByRole('button', { name: 'Edit Company' }).click()
    await panel.getByLabel('Company', { exact: true }).fill(company)
    await panel.getByLabel('Company', { exact: true }).press('Enter')
    await expect(panel.getByText(company, { exact: true })).toBeVisible()
    await expect.poll(announced).not.toBe(said[0] ?? '')
    said.push(await announced())
  }
  expect(said.map(text => text!.replace('\u200b', ''))).toEqual(['Company saved', 'Company saved'])
})

test('a toast stays while it is hovered or focused', async ({ page, faulty }) => {
  test.setTimeout(90_000)
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Stays ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await new Customers(page, '/admin/customers').names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('link', { name: 'Customer Tags' }).click()
  const toast = page.locator('.toast')
  await panel.getByRole('checkbox').first().check()
  await toast.hover()
  await page.waitForTimeout(9_000)
  await expect(toast).toBeVisible()
  await toast.getByRole('button', { name: 'Undo' }).focus()
  await page.mouse.move(0, 0)
  await page.waitForTimeout(4_000)
  await expect(toast).toBeVisible()
  await toast.getByRole('button', { name: 'Undo' }).blur()
  await expect(toast).toBeHidden({ timeout: 4_000 })
  // Without hover and focus it disappears after eight seconds.
  await panel.getByRole('checkbox').first().uncheck()
  await expect(toast).toBeVisible()
  await expect(toast).toBeHidden({ timeout: 9_500 })
})

test('a callback that is blocked by a conversation links to that conversation', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const name = `Open ${stamp()}`
  await channel.write(name, 'hello', { nickname: name })
  const key = await channel.keyOf(name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  const customers = new Customers(page, '/admin/customers')
  const button = customers.rows.first().getByRole('button')
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  // Playwright does not click a disabled control without `force`.
  await button.click({ force: true })
  // The conversation is waiting and has no agent yet, so the link leads to the history.
  const way = page.locator('.toast').getByRole('link', { name: 'Open conversation' })
  await expect(way).toHaveAttribute('href', new RegExp(`/admin/customers/${key}\\?.*tab=interaction`))
  // In Agent Mode the link to one's own conversation leads to the conversations page.
  await channel.desk('accept', key)
  await enableCustomersPage(page, true)
  await page.goto(`${faulty.origin}/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await expect(page.getByRole('navigation', { name: 'Main' }).locator('.rail-badge')).toBeVisible()
  await button.click({ force: true })
  const own = page.locator('.toast').last().getByRole('link', { name: 'Open conversation' })
  await expect(own).toHaveAttribute('href', `/conversations/${key}`)
  await own.click()
  await expect(page.getByLabel('Reply')).toBeVisible()
  await channel.desk('end', key)
})
