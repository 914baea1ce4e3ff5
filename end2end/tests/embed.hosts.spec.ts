import { expect, expectAccessible, kinds, modes, test } from '../embed'
import { hydrated } from '../fixtures'

// The whole work of an agent in each example page and both modes. A colleague has the standalone console open in another browser:
// what one of them changes, the other sees within a second.
test.describe.configure({ timeout: 120_000 })

const SOON = { timeout: 1_000 }

for (const kind of kinds) {
  for (const mode of modes) {
    test(`${kind}, mode ${mode}: list, filter, open, edit, tag, call back, blacklist`, async ({ embed, make, shop, office, page }) => {
      const name = `Harbour ${kind} ${mode}`
      const customer = await make(name)
      await shop.desk('accept', customer.key)
      await shop.desk('end', customer.key)
      const detail = { customer: customer.key }
      await office.goto(`/admin/customers/${customer.key}?period=all&q=${customer.id}`)
      await hydrated(office)
      const theirs = office.getByRole('complementary', { name: 'Customer' })
      const row = office.getByRole('table', { name: 'Customers' }).getByRole('row').filter({ hasText: name })
      await expect(theirs.getByRole('heading', { name })).toBeVisible()

      const widget = await embed(kind, mode)
      await test.step('list and filter', async () => {
        await widget.ready()
        expect(await widget.total()).toBeGreaterThan(100)
        await widget.find(customer.id, 1)
        await widget.root.locator('summary', { hasText: 'Sort' }).click()
        const panel = widget.root.locator('form').filter({ has: page.getByRole('button', { name: 'Sort', exact: true }) })
        await panel.getByRole('textbox', { name: 'Name', exact: true }).fill('nobody of this name')
        await panel.getByRole('button', { name: 'Sort', exact: true }).click()
        await widget.expectTotal(0)
        await widget.setFilters({ period: 'all', q: customer.id, name })
        await widget.expectTotal(1)
      })

      await test.step('open', async () => {
        await widget.names.first().click()
        await expect(widget.pane.getByRole('heading', { name })).toBeVisible()
        await widget.expectEvent('customer-selected', detail)
      })

      const updates = widget.reports('customer-updated', detail)
      await test.step('edit', async () => {
        await widget.edit('Email', 'harbour@example.com')
        await expect(theirs.getByText('harbour@example.com')).toBeVisible(SOON)
        await widget.expectEvent('customer-updated', detail)
        await theirs.getByRole('button', { name: 'Edit Phone' }).click()
        await theirs.getByLabel('Phone', { exact: true }).fill('+49 40 123456')
        await theirs.getByLabel('Phone', { exact: true }).press('Enter')
        await expect(theirs.getByText('+49 40 123456')).toBeVisible()
        await expect(widget.pane.getByText('+49 40 123456')).toBeVisible(SOON)
        await expect(updates).toHaveCount(2)
      })

      await test.step('tag', async () => {
        await widget.tab('Customer Tags').click()
        const tag = (await widget.pane.getByRole('list', { name: 'Customer Tags' }).getByRole('listitem').first().innerText()).trim()
        await widget.pane.getByRole('checkbox', { name: tag, exact: true }).check()
        await expect(row).toContainText(tag, SOON)
        await expect(updates).toHaveCount(3)
        await widget.expectEvent('customer-updated', detail)
      })

      await test.step('call back', async () => {
        await widget.pane.getByRole('button', { name: 'Contact Customer' }).click()
        await widget.expectEvent('callback-started', { ...detail, conversation: 2 })
        await expect(theirs.getByText('Already has an open conversation')).toBeVisible(SOON)
        await expect(widget.tab('Interaction')).toHaveAttribute('aria-current', 'page')
      })

      await test.step('blacklist', async () => {
        await widget.tab('Profile').click()
        await widget.blacklist(`from ${kind}`)
        await widget.expectEvent('blacklist-changed', { ...detail, blacklisted: true })
        await expect(row).toContainText('Blacklisted', SOON)
        await theirs.getByRole('button', { name: 'Remove from Blacklist' }).click()
        await office.getByRole('dialog').getByRole('button', { name: 'Remove from Blacklist' }).click()
        await expect(row).not.toContainText('Blacklisted')
        await widget.expectEvent('blacklist-changed', { ...detail, blacklisted: false }, 1_000)
        await expect(widget.pane.getByRole('button', { name: 'Add to Blacklist' })).toBeVisible(SOON)
      })

      await test.step('accessible, and only ids leave the widget', async () => {
        await expectAccessible(page)
        for (const line of await widget.events.allInnerTexts()) expect(line).toMatch(/^[a-z-]+ \{("[a-z]+":(\d+|true|false|null),?)*\}$/)
        await expect(widget.heard('load-error')).toHaveCount(0)
        await expect(widget.heard('session-expired')).toHaveCount(0)
        await expect(widget.heard('ready')).toHaveCount(1)
      })
    })
  }

  test(`${kind}: a customer who writes appears within a second, and closing the pane is reported`, async ({ embed, make, shop }) => {
    const customer = await make(`Writes To ${kind}`)
    const widget = await embed(kind, 'element', { filters: JSON.stringify({ period: 'all', q: customer.id }), 'customer-id': String(customer.key) })
    await widget.ready()
    await widget.tab('Interaction').click()
    await shop.write(customer.id, `written to ${kind}`)
    await expect(widget.pane.getByRole('log', { name: 'Messages' })).toContainText(`written to ${kind}`, SOON)
    await widget.pane.getByRole('link', { name: 'Close customer' }).click()
    await widget.expectEvent('customer-selected', { customer: null })
    await expect(widget.pane).toHaveCount(0)
  })

  test(`${kind}: the element is removed and comes back with its settings`, async ({ embed, make }) => {
    const customer = await make(`Comes Back To ${kind}`)
    const widget = await embed(kind, 'element', { filters: JSON.stringify({ period: 'all', q: customer.id }) })
    await widget.ready()
    await widget.use('Unmount')
    await expect(widget.element).toHaveCount(0)
    await widget.use('Mount')
    await expect(widget.names).toHaveText([customer.name], { timeout: 20_000 })
  })
}
