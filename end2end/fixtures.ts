import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type BrowserContext, type Cookie, type Page } from '@playwright/test'
import { Customers, hydrated, parseNumber } from './customers'

export { Customers, expect, hydrated, parseNumber }

/** The accounts that `clientele serve --demo` makes. */
export const demo = { admin: 'admin', agent: 'agent', password: 'clientele-demo' }
export type Who = 'admin' | 'agent'

type Options = {
  /** What the browser may say on its console in these tests, where answers fail on purpose; nothing, unless told. */
  expectedOnConsole: RegExp | null
}

type Fixtures = {
  quietConsole: void
  /** Has the browser say something on its console in this test, as it does of failed requests. */
  expectOnConsole: (pattern: RegExp) => void
  /** Collected by the one above. */
  consolePatterns: RegExp[]
  /** The list in Admin Mode, which shows everyone. */
  customers: Customers
}

export const test = base.extend<Options & Fixtures>({
  expectedOnConsole: [null, { option: true }],

  consolePatterns: async ({}, use) => use([]),

  expectOnConsole: async ({ consolePatterns }, use) => use(pattern => void consolePatterns.push(pattern)),

  // Errors and warnings in the console, hydration mismatches among them, fail the test they appear in. So does what a test expects
  // and does not come: it would hide the next error that is none of the test's.
  quietConsole: [
    async ({ context, expectedOnConsole, consolePatterns }, use, info) => {
      const said = listen(context)
      await use()
      const known = [expectedOnConsole ?? [], consolePatterns].flat()
      expect(said.filter(line => !known.some(pattern => pattern.test(line)))).toEqual([])
      if (info.status === info.expectedStatus) {
        expect(consolePatterns.filter(pattern => !said.some(line => pattern.test(line)))).toEqual([])
      }
    },
    { auto: true },
  ],

  customers: async ({ page }, use) => {
    await signIn(page, 'admin')
    await use(new Customers(page, '/admin/customers'))
  },
})

/** Collects what the browser complains about in any page of the context. */
export function listen(context: BrowserContext): string[] {
  const said: string[] = []
  context.on('console', message => {
    if (['error', 'warning'].includes(message.type())) {
      said.push(`${message.type()}: ${message.text()} (${message.location().url})`)
    }
  })
  context.on('weberror', error => said.push(`uncaught: ${error.error().message}`))
  return said
}

/** Fills in the sign-in form and waits until it has been accepted. */
export async function signInByForm(page: Page, who: Who) {
  await page.goto('/sign-in')
  await hydrated(page)
  await page.getByLabel('Login').fill(demo[who])
  await page.getByLabel('Password', { exact: true }).fill(demo.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).not.toHaveURL(/\/sign-in/)
}

const sessions = new Map<string, Cookie[]>()

/**
 * Signs in, leaving the page wherever that leads. Attempts are limited per account, so a worker fills in the form once
 * for each account and from then on carries the session over, and the time zone, which the server knows by a cookie too.
 */
export async function signIn(page: Page, who: Who) {
  const account = `${who} at ${test.info().project.use.baseURL}`
  const session = sessions.get(account)
  if (session) {
    await page.context().addCookies(session)
  } else {
    await signInByForm(page, who)
    sessions.set(account, await carriedOver(page.context()))
  }
}

/** The cookies of a session, without the choices of the one who made it. */
export async function carriedOver(context: BrowserContext) {
  return (await context.cookies()).filter(cookie => cookie.httpOnly || cookie.name === 'clientele_zone')
}

/** As an admin: whether agents have the Customers page. */
export async function enableCustomersPage(admin: Page, enable: boolean) {
  await admin.goto('/admin/settings')
  await hydrated(admin)
  const toggle = admin.getByRole('switch', { name: 'Enable the Customers page in Agent Mode' })
  if ((await toggle.isChecked()) !== enable) {
    await toggle.click()
    await expect(admin.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible()
  }
  await expect(toggle).toBeChecked({ checked: enable })
}

/** No violation of WCAG 2.2 A and AA that a machine can see. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'])
    .analyze()
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help} at ${node.target.join(' ')}`))
  expect(found).toEqual([])
}
