import { expect, expectAccessible, stamp, test } from '../embed'
import { hydrated } from '../fixtures'

// The session ends on purpose.
test.use({ expectedOnConsole: /status of (401|403|500)|net::ERR|CORS policy/ })

test('an admin allows an address and creates a key, a console embeds with it, and both are taken back', async ({ office, stranger, page, make }) => {
  const name = `Harbour ${stamp()}`
  const customer = await make('Through The Front Door')
  await office.goto('/admin/settings')
  await hydrated(office)
  const section = office.locator('section').filter({ has: office.getByRole('heading', { name: 'Embedding', exact: true }) })
  const address = section.getByLabel('Address of the console')

  await test.step('what is no origin is refused at the field', async () => {
    await address.fill('http://console.example/admin')
    await section.getByRole('button', { name: 'Allow', exact: true }).click()
    await expect(section.getByRole('alert').filter({ hasText: 'Enter an address like' })).toBeVisible()
    await expect(address).toHaveValue('http://console.example/admin')
  })

  await test.step('allow and create', async () => {
    await address.fill(`${stranger.origin}/`)
    await section.getByRole('button', { name: 'Allow', exact: true }).click()
    await expect(section.getByText(stranger.origin, { exact: true })).toBeVisible()
    await section.getByLabel('Name of the console').fill(name)
    await section.getByRole('button', { name: 'Add key' }).click()
    const made = section.getByRole('status').filter({ hasText: 'not be shown again' })
    stranger.key = (await made.locator('code').textContent()) ?? ''
    expect(stranger.key).toMatch(/^cek_[0-9a-f]{16}_[0-9a-f]{64}$/)
    await expectAccessible(office)
    await office.reload()
    await expect(section.getByText(name)).toBeVisible()
    await expect(office.getByText(stranger.key)).toHaveCount(0)
  })

  const events = page.getByRole('list', { name: 'Events' }).getByRole('listitem')
  await test.step('embed', async () => {
    await page.goto(stranger.url('plain', { filters: JSON.stringify({ period: 'all', q: customer.id }) }))
    await expect(events.filter({ hasText: 'ready' })).toHaveCount(1, { timeout: 20_000 })
    await expect(page.locator('clientele-customers').getByRole('link', { name: customer.name })).toBeVisible()
  })

  await test.step('revoke the key: open pages stop at once', async () => {
    await hydrated(office)
    await section.getByRole('button', { name: `Revoke key ${name}` }).click()
    await office.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
    await expect(section.getByRole('listitem').filter({ hasText: name })).toContainText('revoked')
    await expect(events.filter({ hasText: 'session-expired' })).toHaveCount(1, { timeout: 10_000 })
  })

  await test.step('remove the address: the frame can no longer be framed there', async () => {
    await section.getByRole('button', { name: `Remove ${stranger.origin}` }).click()
    await expect(section.getByText(stranger.origin, { exact: true })).toHaveCount(0)
    const frame = await office.request.get('/embed/frame')
    expect(frame.headers()['content-security-policy']).not.toContain(stranger.origin)
  })
})
