import { Customers, expect, expectAccessible, hydrated, signIn, test } from '../fixtures'

test('parts that a page does not show are loaded after it is usable', async ({ page }) => {
  await signIn(page, 'admin')
  const before: string[] = []
  const after: string[] = []
  await page.route('**/*.wasm', async route => {
    const usable = await page.evaluate(() => document.documentElement.hasAttribute('data-hydrated'))
    const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? ''
    ;(usable ? after : before).push(name)
    await route.continue()
  })
  await page.goto('/admin/customers?period=all')
  await hydrated(page)
  await expect.poll(() => after).toContain('split_customer.wasm')
  await expect.poll(() => after).toContain('split_settings.wasm')
  expect(before).toEqual(['clientele_bg.wasm'])
})

test.describe('without a part', () => {
  test.use({ expectedOnConsole: /ERR_FAILED|Failed to fetch|status of 404|HTTP status code is not ok/ })

  test('a page of an older version reports the new version, and offers to reload', async ({ page }) => {
    await signIn(page, 'admin')
    await page.route(/split_customer/, route => route.fulfill({ status: 404 }))
    const customers = new Customers(page, '/admin/customers')
    await customers.open({ period: 'all' })
    const name = (await customers.names.first().textContent()) ?? ''
    await customers.names.first().click()
    const failure = page.getByRole('alert').filter({ has: page.getByRole('heading', { name: 'A new version is available' }) })
    await expect(failure).toContainText('Reload the page')
    await expectAccessible(page)
    await page.unroute(/split_customer/)
    await failure.getByRole('button', { name: 'Reload' }).click()
    await expect(page.getByRole('complementary', { name: 'Customer' }).getByRole('heading', { name })).toBeVisible()
    await expect(failure).toHaveCount(0)
  })

  test('a part that cannot be loaded shows an error, and loads on retry', async ({ page }) => {
    await signIn(page, 'admin')
    await page.route(/split_customer/, route => route.abort())
    const customers = new Customers(page, '/admin/customers')
    await customers.open({ period: 'all' })
    await hydrated(page)
    const name = (await customers.names.first().textContent()) ?? ''
    await customers.names.first().click()
    const failure = page.getByRole('alert').filter({ has: page.getByRole('button', { name: 'Try again' }) })
    await expect(failure).toBeVisible()
    await page.unroute(/split_customer/)
    await failure.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('complementary', { name: 'Customer' }).getByRole('heading', { name })).toBeVisible()
  })

  test('a page whose part cannot be loaded is still readable', async ({ page }) => {
    await signIn(page, 'admin')
    await page.route(/split_settings/, route => route.abort())
    await page.goto('/admin/settings')
    await expect(page.getByRole('heading', { name: 'System Settings' })).toBeVisible()
    await page.waitForTimeout(500)
    await expect(page.locator('html')).not.toHaveAttribute('data-hydrated')
  })
})
