import { createHmac } from 'node:crypto'
import { Customers, expect, expectAccessible, hydrated, signIn, test } from '../fixtures'

test('an admin creates a key, a channel delivers with it, and the key is revoked', async ({ page, request }) => {
  const stamp = Date.now().toString(36)
  const name = `Shop ${stamp}`
  await signIn(page, 'admin')
  await page.goto('/admin/settings')
  await hydrated(page)
  await page.getByRole('button', { name: 'Create key' }).click()
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible()
  await page.getByLabel('Key name').fill(name)
  await page.getByLabel('Channel', { exact: true }).selectOption({ label: 'Weibo' })
  await page.getByRole('button', { name: 'Create key' }).click()
  const made = page.getByRole('status').filter({ hasText: 'not be shown again' })
  await expect(made.locator('code')).toHaveCount(2)
  const [key = '', secret = ''] = await made.locator('code').allTextContents()
  expect(secret).toMatch(/^[0-9a-f]{64}$/)
  await expectAccessible(page)

  const deliver = (id: string) => {
    const path = '/api/v1/messages'
    const body = JSON.stringify({ id: `${stamp} ${id}`, customer: `wb_${stamp}`, text: 'Hello', profile: { nickname: name } })
    const at = String(Date.now())
    const signature = createHmac('sha256', secret).update(`${at}\nPOST\n${path}\n${body}`).digest('hex')
    const headers = { 'clientele-key': key, 'clientele-timestamp': at, 'clientele-signature': signature }
    return request.post(path, { headers, data: Buffer.from(body) })
  }
  expect((await deliver('1')).status()).toBe(200)
  expect(await (await deliver('1')).json()).toEqual({ repeated: true })
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all', q: `wb_${stamp}` })
  await expect(customers.names).toHaveText([name])

  await page.goto('/admin/settings')
  await hydrated(page)
  await page.getByRole('button', { name: `Revoke key ${name}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('revoked')
  expect((await deliver('2')).status()).toBe(401)
})
