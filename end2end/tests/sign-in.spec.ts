import { demo, expect, hydrated, signIn, signInByForm, test } from '../fixtures'

test('a user without a session is asked to sign in, and then redirected to the requested page', async ({ page }) => {
  await page.goto('/customers?period=all&q=wei')
  await expect(page).toHaveURL(/\/sign-in/)
  await hydrated(page)
  await page.getByLabel('Login').fill(demo.agent)
  await page.getByLabel('Password', { exact: true }).fill(demo.password)
  await page.getByLabel('Password', { exact: true }).press('Enter')
  await expect(page).toHaveURL(/\/customers\?period=all&q=wei$/)
  await expect(page.getByRole('table', { name: 'Customers' })).toBeVisible()
})

test('an agent is taken to Agent Mode', async ({ page }) => {
  await signInByForm(page, 'agent')
  const navigation = page.getByRole('navigation', { name: 'Main' })
  await expect(navigation.getByRole('link', { name: 'Customers' })).toBeVisible()
  await expect(navigation.getByRole('link', { name: 'Admin Mode' })).toHaveCount(0)
})

test('an admin switches between the two modes', async ({ page }) => {
  await signIn(page, 'admin')
  await page.goto('/customers')
  await hydrated(page)
  const navigation = page.getByRole('navigation', { name: 'Main' })
  await navigation.getByRole('link', { name: 'Admin Mode' }).click()
  await expect(page).toHaveURL(/\/admin\//)
  await navigation.getByRole('link', { name: 'Agent Mode' }).click()
  await expect(page).not.toHaveURL(/\/admin\//)
})

test.describe('rejected', () => {
  // Browsers report every response with a status of 400 or above on the console.
  test.use({ expectedOnConsole: /status of 4\d\d/ })

  test('a wrong password and an unknown login give the same message, and the login is kept', async ({ page }) => {
    const answers: string[] = []
    for (const login of [demo.agent, 'nobody-of-this-name']) {
      await page.goto('/sign-in')
      await hydrated(page)
      await page.getByLabel('Login').fill(login)
      await page.getByLabel('Password', { exact: true }).fill('not the password')
      await page.getByRole('button', { name: 'Sign in' }).click()
      const alert = page.getByRole('alert')
      await expect(alert).toBeVisible()
      answers.push(await alert.innerText())
      await expect(page.getByLabel('Login')).toHaveValue(login)
      // The old password is selected, so typing replaces it.
      const password = page.getByLabel('Password', { exact: true })
      await expect(password).toBeFocused()
      await page.keyboard.type('n')
      await expect(password).toHaveValue('n')
      await expect(page).toHaveURL(/\/sign-in/)
    }
    expect(answers[1]).toBe(answers[0])
  })

  test('a form that is submitted twice signs in once', async ({ page }) => {
    const sent: string[] = []
    page.on('request', request => {
      if (request.method() === 'POST') sent.push(request.url())
    })
    await page.route('**/api/session**', async route => {
      await new Promise(resolve => setTimeout(resolve, 500))
      await route.continue()
    })
    await page.goto('/sign-in')
    await hydrated(page)
    await page.getByLabel('Login').fill(demo.agent)
    await page.getByLabel('Password', { exact: true }).fill(demo.password)
    await page.getByRole('button', { name: 'Sign in' }).dblclick()
    await expect(page).not.toHaveURL(/sign-in/)
    expect(sent.length).toBe(1)
  })

  test('an agent cannot enter Admin Mode', async ({ page }) => {
    await signIn(page, 'agent')
    for (const path of ['/admin/customers', '/admin/settings']) {
      expect((await page.goto(path))?.status(), path).toBe(403)
      await expect(page.getByRole('table')).toHaveCount(0)
    }
  })
})

test('signing out ends the session, in every tab', async ({ page, context }) => {
  await signInByForm(page, 'agent')
  await page.goto('/customers')
  await hydrated(page)
  await page.locator('summary', { hasText: 'Account' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/sign-in/)

  const tab = await context.newPage()
  await tab.goto('/customers')
  await expect(tab).toHaveURL(/\/sign-in/)
})

test('signing in from the root leads to the first page', async ({ page }) => {
  await page.goto('/')
  await expect(page).toHaveURL(/sign-in/)
  await hydrated(page)
  await page.getByLabel('Login').fill(demo.admin)
  await page.getByLabel('Password', { exact: true }).fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/customers|conversations/)
})
