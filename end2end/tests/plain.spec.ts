import { Channel, stamp } from '../channel'
import { Customers, demo, expect, hydrated, signIn, test as base } from '../fixtures'
import { FaultyProxy } from '../proxy'

// Plain HTTP from another machine, as in an office without a certificate: browsers disable the clipboard and some cryptography
// there. They treat this address as another machine too.

const test = base.extend<{ origin: string }>({
  origin: async ({ baseURL }, use) => {
    const proxy = await new FaultyProxy(new URL(baseURL!)).start()
    await use(proxy.origin.replace('127.0.0.1', '0.0.0.0'))
    await proxy.stop()
  },
})

test('an agent replies, calls back and copies', async ({ page, origin, expectOnConsole }) => {
  // The server does not know which addresses browsers trust.
  expectOnConsole(/Cross-Origin-Opener-Policy/)
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const [customer, other] = [`plain_${stamp()}`, `plain_${stamp()}`]
  await channel.write(customer, 'hello')
  await channel.write(other, 'hello')
  const [key, free] = [await channel.keyOf(customer), await channel.keyOf(other)]
  await channel.desk('accept', free)
  await channel.desk('end', free)

  await page.goto(`${origin}/sign-in`)
  await hydrated(page)
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await page.getByLabel('Login').fill(demo.admin)
  await page.getByLabel('Password', { exact: true }).fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).not.toHaveURL(/sign-in/)

  await page.goto(`${origin}/conversations/${key}`)
  await hydrated(page)
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByLabel('Reply').fill('On its way.')
  await page.getByLabel('Reply').press('Enter')
  await expect(page.getByRole('log', { name: 'Messages' }).getByText('On its way.')).toHaveCount(1)

  const customers = new Customers(page, '/admin/customers')
  await page.goto(`${origin}/admin/customers/${free}?period=all&q=${other}`)
  await hydrated(page)
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('button', { name: 'Copy customer ID' }).click()
  await customers.search.fill('')
  await customers.search.press('ControlOrMeta+v')
  await expect(customers.search).toHaveValue(other)
  await panel.getByRole('button', { name: 'Contact Customer' }).click()
  await expect(page).toHaveURL(new RegExp(`/conversations/${free}$`))
})
