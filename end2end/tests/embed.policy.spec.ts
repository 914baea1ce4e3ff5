import type { Page } from '@playwright/test'
import { expect, heard, minimumPolicy, modes, putElements, test, type Mode } from '../embed'

// Content security policies of the page around the element.
test.describe.configure({ timeout: 90_000 })

/** Collects the violations that the browser reports to the page. */
async function collectViolations(page: Page) {
  await page.addInitScript(() => {
    const violations: string[] = []
    Object.assign(window, { violations })
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => void violations.push(`${effectiveDirective} ${blockedURI}`))
  })
  return () => page.evaluate(() => (window as unknown as { violations: string[] }).violations)
}

/** Returns the names and details of the events so far. */
async function events(page: Page) {
  return (await heard(page)).map(([, name, detail]) => ({ name, detail }))
}

for (const mode of modes) {
  test(`mode ${mode}: the documented minimum is enough, and causes no violation`, async ({ host, page, make }) => {
    const customer = await make('Under A Policy')
    host.policy = minimumPolicy(host.clientele, mode)
    const violations = await collectViolations(page)
    await page.goto(host.url('bare'))
    await putElements(page, host.clientele, [{ attributes: { mode, 'customer-id': String(customer.key) } }])
    await expect.poll(async () => (await events(page)).map(({ name }) => name), { timeout: 20_000 }).toEqual(['ready'])
    const element = page.locator('clientele-customers')
    const root = mode === 'frame' ? element.frameLocator('iframe') : element
    await expect(root.getByRole('heading', { name: customer.name })).toBeVisible()
    // The parts of the script that are loaded later, and the icons.
    for (const tab of ['Customer Tags', 'Interaction', 'Profile']) await root.getByRole('link', { name: tab, exact: true }).click()
    await root.getByRole('button', { name: 'Add to Blacklist' }).click()
    await expect(root.getByRole('dialog', { name: 'Add to Blacklist' })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.waitForTimeout(1_000)
    expect(await violations()).toEqual([])
  })
}

/** Policies that lack one piece, and the directive that has to be named. */
const incomplete: { name: string; mode: Mode; policy: (minimum: string, clientele: string) => string; directive: RegExp }[] = [
  {
    name: 'no other origin and no WebAssembly',
    mode: 'element',
    policy: (_, clientele) => `default-src 'none'; script-src 'self' ${clientele}; style-src 'self'; connect-src 'self'`,
    directive: /^(connect-src|wasm-unsafe-eval)$/,
  },
  {
    name: 'no WebAssembly',
    mode: 'element',
    policy: minimum => minimum.replace(` 'wasm-unsafe-eval'`, ''),
    directive: /^wasm-unsafe-eval$/,
  },
  {
    name: 'no requests to Clientele',
    mode: 'element',
    policy: (minimum, clientele) => minimum.replace(`connect-src 'self' ${clientele}`, `connect-src 'self'`),
    directive: /^connect-src$/,
  },
  {
    name: 'no images of Clientele',
    mode: 'element',
    policy: (minimum, clientele) => minimum.replace(`; img-src ${clientele}`, ''),
    directive: /^img-src$/,
  },
  {
    name: 'no frames',
    mode: 'frame',
    policy: (minimum, clientele) => minimum.replace(`frame-src ${clientele}`, `frame-src 'none'`),
    directive: /^frame-src$/,
  },
]

for (const { name, mode, policy, directive } of incomplete) {
  test.describe(name, () => {
    test.use({ expectedOnConsole: /Content Security Policy|Content-Security-Policy|Failed to load|Fetch API cannot load|WebAssembly/ })

    test(`${name}: one load-error within five seconds names the directive`, async ({ host, page }) => {
      host.policy = policy(minimumPolicy(host.clientele, mode), host.clientele)
      await page.goto(host.url('bare'))
      await putElements(page, host.clientele, [{ attributes: { mode } }])
      await expect.poll(() => events(page), { timeout: 5_000 }).toHaveLength(1)
      await page.waitForTimeout(2_000)
      const all = await events(page)
      expect(all).toEqual([{ name: 'load-error', detail: { reason: 'csp', directive: expect.stringMatching(directive) } }])
      // A message in the place of the list, and nothing that seems to load for ever.
      const shown = page.locator('clientele-customers')
      await expect(shown).toContainText(/\S/)
      await expect(shown.locator('[aria-busy=true]')).toHaveCount(0)
    })
  })
}

test.describe('where element mode is not allowed', () => {
  test.use({ expectedOnConsole: /Content Security Policy|Content-Security-Policy|Failed to load|WebAssembly/ })

  test('mode="frame" is the way out, in the same page', async ({ host, page }) => {
    host.policy = minimumPolicy(host.clientele, 'both').replace(` 'wasm-unsafe-eval'`, '')
    await page.goto(host.url('bare'))
    await putElements(page, host.clientele, [{ attributes: { mode: 'element' } }])
    await expect.poll(async () => (await events(page)).map(({ name }) => name), { timeout: 5_000 }).toEqual(['load-error'])
    await page.evaluate(() => document.querySelector('clientele-customers')!.setAttribute('mode', 'frame'))
    await expect.poll(async () => (await events(page)).map(({ name }) => name), { timeout: 20_000 }).toEqual(['load-error', 'ready'])
    await expect(page.locator('clientele-customers').frameLocator('iframe').getByRole('table', { name: 'Customers' })).toBeVisible()
  })
})

test.describe('trusted types', () => {
  test.use({ expectedOnConsole: /TrustedHTML|TrustedScript|Trusted Type|trusted-types/ })

  for (const mode of modes) {
    test(`mode ${mode}: works, or says which directive is in the way`, async ({ host, page }) => {
      host.policy = `${minimumPolicy(host.clientele, mode)}; require-trusted-types-for 'script'`
      await page.goto(host.url('bare'))
      await page.evaluate(() => {
        // Only the test itself inserts a script by its address.
        const { trustedTypes } = window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): unknown } }
        trustedTypes.createPolicy('default', { createScriptURL: (url: string) => url })
      })
      await putElements(page, host.clientele, [{ attributes: { mode } }])
      await expect.poll(() => events(page), { timeout: 20_000 }).toHaveLength(1)
      const [event] = await events(page)
      expect(['ready', 'load-error']).toContain(event!.name)
      if (mode === 'frame') expect(event!.name).toBe('ready')
      if (event!.name === 'load-error') expect(event!.detail).toMatchObject({ reason: 'csp', directive: expect.stringMatching(/trusted-types/) })
    })
  }
})

test.describe('a script that cannot be loaded', () => {
  test.use({ expectedOnConsole: /Content Security Policy|Content-Security-Policy|Failed to load|MIME type/ })

  test('without Clientele in script-src the page itself learns it from the script element', async ({ host, page }) => {
    host.policy = minimumPolicy(host.clientele, 'element').replace(`script-src 'self' ${host.clientele}`, `script-src 'self'`)
    await page.goto(host.url('bare'))
    await expect(putElements(page, host.clientele, [{}])).rejects.toThrow()
    expect(await heard(page)).toEqual([])
  })

  // The fault's response has the headers of the file, so that the browser caches it.
  test('a module that the server cannot deliver gives a load-error, and a retry', async ({ host, gate, page }) => {
    gate.faults.push({ path: /\/pkg\/.*\.wasm/, status: 503 })
    await page.goto(host.url('bare'))
    await putElements(page, host.clientele, [{}])
    await expect.poll(() => events(page), { timeout: 15_000 }).toHaveLength(1)
    expect((await events(page))[0]).toMatchObject({ name: 'load-error', detail: { reason: 'network' } })
    gate.faults.length = 0
    await page.locator('clientele-customers').getByRole('button').first().click()
    await expect.poll(async () => JSON.stringify((await events(page)).at(-1)), { timeout: 20_000 }).toContain('ready')
  })
})
