import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type BrowserContext, type Cookie, type Page } from '@playwright/test'
import { Customers, hydrated, parseNumber } from './customers'

export { Customers, expect, hydrated, parseNumber }

/** The accounts that `clientele serve --demo` creates. */
export const demo = { admin: 'admin', agent: 'agent', password: 'clientele-demo' }
export type Who = 'admin' | 'agent'

type Options = {
  /** Console messages to ignore in tests where requests fail on purpose. By default none is allowed. */
  expectedOnConsole: RegExp | null
}

type Fixtures = {
  quietConsole: void
  /** Expects a console message in this test, such as the one for a failed request. */
  expectOnConsole: (pattern: RegExp) => void
  /** Patterns added by `expectOnConsole`. */
  consolePatterns: RegExp[]
  /** The list in Admin Mode, which shows all customers. */
  customers: Customers
}

export const test = base.extend<Options & Fixtures>({
  expectedOnConsole: [null, { option: true }],

  consolePatterns: async ({}, use) => use([]),

  expectOnConsole: async ({ consolePatterns }, use) => use(pattern => void consolePatterns.push(pattern)),

  // Errors and warnings in the console, including hydration mismatches, fail the test. An expected message that does not appear
  // fails it too: an outdated pattern could hide an unrelated error.
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

/** Collects errors and warnings of all pages of the context. */
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

/** Submits the sign-in form and waits until the page is left. */
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
 * Signs in without opening a particular page. Sign-in attempts are limited per account, so each worker submits the form once per
 * account and then reuses the cookies of the session and of the time zone.
 */
export async function signIn(page: Page, who: Who) {
  const account = `${who} at ${test.info().project.use.baseURL}`
  const session = sessions.get(account)
  if (session) {
    await page.context().addCookies(session)
  } else {
    await signInByForm(page, who)
    sessions.set(account, await sessionCookies(page.context()))
  }
}

/** Returns the cookies of the session and the time zone, without other preferences. */
export async function sessionCookies(context: BrowserContext) {
  return (await context.cookies()).filter(cookie => cookie.httpOnly || cookie.name === 'clientele_zone')
}

/** Turns the Customers page on or off for agents. The page must be signed in as an admin. */
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

/** Expects no violation of WCAG 2.2 A and AA that axe can detect. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'])
    .analyze()
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help} at ${node.target.join(' ')}`))
  expect(found).toEqual([])
}
