import type { Page } from '@playwright/test'
import { expect, hydrated, signIn, signInByForm, test } from '../fixtures'

test('every document has the security headers', async ({ request }) => {
  for (const path of ['/sign-in', '/customers', '/no-such-page']) {
    const headers = (await request.get(path, { headers: { accept: 'text/html' } })).headers()
    expect(headers['x-content-type-options'], path).toBe('nosniff')
    expect(headers['referrer-policy'], path).toMatch(/no-referrer|same-origin|strict-origin/)
    expect(headers['server'], path).toBeUndefined()
    const policy = headers['content-security-policy'] ?? ''
    expect(policy, path).toMatch(/frame-ancestors 'none'/)
    expect(policy, path).toMatch(/base-uri '(none|self)'/)
    expect(policy, path).toMatch(/form-action 'self'/)
    expect(policy, path).toMatch(/object-src 'none'|default-src 'none'/)
    const scripts = policy.match(/script-src [^;]*/)?.[0] ?? ''
    expect(scripts, path).toMatch(/'nonce-[\w+/=-]{16,}'/)
    expect(scripts, path).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:|\*/)
  }
})

test('the nonce is new each time, and every script of the page has it', async ({ page }) => {
  const nonces = new Set<string>()
  for (let time = 0; time < 3; time++) {
    const answer = await page.goto('/sign-in')
    const nonce = answer!.headers()['content-security-policy']!.match(/'nonce-([^']+)'/)![1]!
    nonces.add(nonce)
    const html = await answer!.text()
    const scripts = [...html.matchAll(/<script\b[^>]*>(?!<\/script>)/g)]
    expect(scripts.length).toBeGreaterThan(0)
    // An empty nonce allows no script.
    for (const [tag] of scripts) expect(tag).toContain(`nonce="${nonce}"`)
    expect(html).not.toMatch(/<[^>]+\son\w+=/)
    expect(html).not.toMatch(/\sstyle="/)
  }
  expect(nonces.size).toBe(3)
})

test('scripts and other sites have no access to the session cookie', async ({ page, context }) => {
  await signInByForm(page, 'agent')
  const secret = (await context.cookies()).filter(cookie => cookie.httpOnly)
  // Over HTTPS their names begin with `__Host-`; over plain HTTP browsers reject that prefix. The device cookie distinguishes the
  // owner of an account from somebody who guesses the password; it grants no access.
  expect(secret.map(cookie => cookie.name).sort()).toEqual(['clientele', 'clientele-device'])
  for (const cookie of secret) {
    expect(cookie).toMatchObject({ secure: false, httpOnly: true, path: '/' })
    expect(['Lax', 'Strict']).toContain(cookie.sameSite)
    expect(await page.evaluate(() => document.cookie)).not.toContain(cookie.value)
  }
})

test('pages of a signed-in user are not cached', async ({ page }) => {
  await signIn(page, 'agent')
  const answer = await page.goto('/customers')
  expect(answer!.headers()['cache-control']).toMatch(/no-store|private/)
})

test('a search text is not interpreted as HTML', async ({ customers, page }) => {
  const payload = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`
  await customers.open({ period: 'all', q: payload })
  await expect(customers.search).toHaveValue(payload)
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  // The content security policy would block the scripts of an element that was created.
  expect(await page.locator('img[src="x"]').count()).toBe(0)
})

test('a name in the no-script form does not close an element', async ({ customers, page }) => {
  const payload = `</noscript><img src=x onerror="window.hacked=1">"'`
  await customers.open({ period: 'all', name: payload })
  await customers.openPanel()
  await expect(customers.panel.getByRole('textbox', { name: 'Name' })).toHaveValue(payload)
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  expect(await page.locator('img[src="x"]').count()).toBe(0)
})

test.describe('from another site', () => {
  test.use({ expectedOnConsole: /status of 403|Content Security Policy|frame-ancestors/ })

  /** Opens a page on `localhost`, which browsers treat as another site than `127.0.0.1`. The request never reaches our server. */
  async function visit(page: Page, html: string) {
    const url = test.info().project.use.baseURL!.replace('127.0.0.1', 'localhost') + '/prizes'
    await page.route(url, route => route.fulfill({ contentType: 'text/html', body: html }))
    await page.goto(url)
  }

  /** Returns the action of the sign-out form, which an attacking site could post to. */
  async function signOutUrl(page: Page) {
    await page.goto('/customers')
    await hydrated(page)
    await page.locator('summary', { hasText: 'Account' }).click()
    const button = page.getByRole('button', { name: 'Sign out' })
    return button.evaluate(button => (button as HTMLButtonElement).form!.action)
  }

  test('a form post is rejected, and the session stays valid', async ({ page }) => {
    await signIn(page, 'agent')
    const url = await signOutUrl(page)
    await visit(page, `<form method="post" action="${url}"><button>Win a prize</button></form>`)
    const answer = page.waitForResponse(url)
    await page.getByRole('button', { name: 'Win a prize' }).click()
    expect((await answer).status()).toBe(403)
    // The browser shows its own page for a response without a body.
    await expect.poll(() => page.url()).toMatch(/^chrome-error:/)
    expect((await page.goto('/customers'))?.status()).toBe(200)
    await expect(page).toHaveURL(/\/customers/)
  })

  test('a post with the cookie from another origin is rejected', async ({ page }) => {
    await signIn(page, 'agent')
    const url = await signOutUrl(page)
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://prizes.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of elsewhere) {
      const answer = await page.request.post(url, { headers, form: {} })
      expect(answer.status(), JSON.stringify(headers)).toBe(403)
    }
    expect((await page.goto('/customers'))?.status()).toBe(200)
    await expect(page).toHaveURL(/\/customers/)
  })

  test('no other site can frame the page', async ({ page, baseURL }) => {
    await signIn(page, 'agent')
    await visit(page, `<iframe src="${baseURL}/customers"></iframe>`)
    await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/)
  })
})
