import type { Page } from '@playwright/test'
import { sessionCookies, expect, expectAccessible, hydrated, signIn, test } from '../fixtures'

const languages = [
  { locale: 'en-US', lang: /^en/, customers: 'Customers', sort: 'Sort' },
  { locale: 'zh-CN', lang: /^zh/, customers: '客户中心', sort: '筛选' },
]

/** The pages and states to check, and how to reach them. */
const states: Record<string, (page: Page, sort: string) => Promise<unknown>> = {
  'sign-in': page => page.context().clearCookies().then(() => page.goto('/sign-in')),
  list: page => page.goto('/admin/customers?period=all'),
  'list of an agent': page => page.goto('/customers?period=all'),
  'sort panel': async (page, sort) => {
    await page.goto('/admin/customers?period=custom&from=2026-01-01T00:00')
    await hydrated(page)
    await page.locator('summary', { hasText: sort }).click()
  },
  'highlighted matches': page => page.goto('/admin/customers?period=all&q=a'),
  'empty result': page => page.goto('/admin/customers?period=today&name=nobody-of-this-name'),
  shortcuts: async page => {
    await page.goto('/admin/customers?period=all')
    await hydrated(page)
    await page.keyboard.press('?')
  },
  settings: page => page.goto('/admin/settings'),
  profile: page => openCustomer(page, 'profile'),
  'customer tags': page => openCustomer(page, 'tags'),
  interaction: page => openCustomer(page, 'interaction'),
  'blacklist dialog': async page => {
    await openCustomer(page, 'profile')
    await hydrated(page)
    await page.keyboard.press('b')
  },
  conversations: page => page.goto('/conversations'),
}

/** Opens a tab of the newest customer. */
async function openCustomer(page: Page, tab: string) {
  await page.goto('/admin/customers?period=all')
  const link = page.getByRole('rowheader').getByRole('link').first()
  await page.goto(`${await link.getAttribute('href')}&tab=${tab}`)
}

for (const { locale, lang, customers, sort } of languages) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ locale, colorScheme })

      for (const [state, open] of Object.entries(states)) {
        test(`${state}: accessible, and nothing wider than the window`, async ({ page }, info) => {
          // The sign-in helper uses the English labels.
          await signInAs(page, locale)
          for (const width of [1440, 360]) {
            await page.setViewportSize({ width, height: 900 })
            await open(page, sort)
            await hydrated(page)
            await expect(page.locator('html')).toHaveAttribute('lang', lang)
            await expectAccessible(page)
            expect(await overflow(page), `at ${width} px`).toEqual([])
            await page.screenshot({ path: info.outputPath(`${width}.png`) })
          }
        })
      }

      test('the heading is in the language of the browser', async ({ page }) => {
        await signInAs(page, locale)
        await page.goto('/admin/customers')
        await expect(page.getByRole('heading', { level: 1, name: customers })).toBeVisible()
      })
    })
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the channel API's page, ${colorScheme}: accessible, and nothing wider than the window`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme })
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 })
      await page.goto('/api/v1')
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expectAccessible(page)
      expect(await overflow(page), `at ${width} px`).toEqual([])
      await page.screenshot({ path: info.outputPath(`${width}.png`), fullPage: true })
    }
  })
}

test('the theme can be selected, and is kept', async ({ page }) => {
  await signIn(page, 'admin')
  await page.goto('/admin/customers')
  await hydrated(page)
  await page.locator('summary', { hasText: 'Theme' }).click()
  await page.getByRole('button', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'dark')
  await page.reload()
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'dark')
})

test('the language can be selected, and is kept', async ({ page }) => {
  await signIn(page, 'admin')
  await page.goto('/admin/customers')
  await hydrated(page)
  await page.locator('summary', { hasText: 'Language' }).click()
  await page.getByRole('button', { name: '简体中文' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '客户中心' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: '客户中心' })).toBeVisible()
})

test('at 360 px the rows are cards that keep name, ID and time', async ({ customers, page }) => {
  await page.setViewportSize({ width: 360, height: 780 })
  await customers.open({ period: 'all' })
  const card = customers.rows.first()
  await expect(card.getByRole('link').first()).toBeInViewport()
  await expect(card.locator('time:visible')).toBeInViewport()
})

async function signInAs(page: Page, locale: string) {
  if (locale === 'en-US') return signIn(page, 'admin')
  // The sign-in form differs by language, but the session is the same.
  const english = await page.context().browser()!.newContext({ locale: 'en-US', baseURL: test.info().project.use.baseURL })
  const form = await english.newPage()
  await signIn(form, 'admin')
  await page.context().addCookies(await sessionCookies(english))
  await english.close()
}

/** Returns the elements that make the page wider than its window. */
function overflow(page: Page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return []
    return [...document.body.querySelectorAll('*')]
      .filter(element => element.getBoundingClientRect().right > width + 1)
      .map(element => `${element.tagName.toLowerCase()}.${element.className}`)
      .slice(0, 5)
  })
}
