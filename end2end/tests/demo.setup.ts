import { enableCustomersPage, signIn, test } from '../fixtures'

// Off is the default, and has its tests in switch.spec.ts. The others want it on.
test('an admin turns the Customers page on', async ({ page }) => {
  await signIn(page, 'admin')
  await enableCustomersPage(page, true)
})
