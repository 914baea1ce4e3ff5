import { enableCustomersPage, signIn, test } from '../fixtures'

// The page is off by default, which switch.spec.ts tests. The other tests need it on.
test('an admin turns the Customers page on', async ({ page }) => {
  await signIn(page, 'admin')
  await enableCustomersPage(page, true)
})
