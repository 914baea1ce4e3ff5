import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../fixtures'

// Keys and letters of an input method that composes Chinese from Latin letters must not trigger actions of the page.

/** Key events of a composition: as in the standard, and as in Safari, which ends the composition first. */
const confirm = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }
const composing = { isComposing: true, bubbles: true, cancelable: true }

const press = (field: Locator, init: object) =>
  field.evaluate((field, init) => void field.dispatchEvent(new KeyboardEvent('keydown', init)), init)

test.beforeEach(async ({ customers }) => customers.open({ period: 'all' }))

test('an unfinished composition is not searched for', async ({ customers, page }) => {
  await customers.search.focus()
  const asked: string[] = []
  page.on('request', request => {
    if (request.url().includes('/api/customers?')) asked.push(new URL(request.url()).searchParams.get('query') ?? '')
  })
  const history = await page.evaluate(() => window.history.length)
  const input = await page.context().newCDPSession(page)
  for (const text of ['z', 'zh', "zhang'w", "zhang'wei"]) {
    await input.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    await page.waitForTimeout(100)
  }
  expect(asked).toEqual([])
  await input.send('Input.insertText', { text: '张' })
  await expect(page).toHaveURL(/q=%E5%BC%A0/)
  await press(customers.search, confirm)
  await expect(customers.search).toHaveValue('张')
  await expect(customers.search).toBeFocused()
  expect(asked.map(query => new URLSearchParams(query).get('q'))).toEqual(['张'])
  expect(await page.evaluate(() => window.history.length)).toBe(history + 1)
})

async function field(page: Page, name: string) {
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await detail.getByRole('button', { name: `Edit ${name}` }).click()
  return detail.getByRole('textbox', { name, exact: true })
}

for (const name of ['Real name', 'Description']) {
  test(`Enter and Esc of a composition do not close the field ${name}`, async ({ customers, page }) => {
    await customers.names.first().click()
    const edited = await field(page, name)
    await edited.fill('张wei')
    const saved: string[] = []
    page.on('request', request => saved.push(request.method()))
    await press(edited, { ...composing, key: 'Escape', keyCode: 229 })
    await press(edited, { ...composing, key: 'Enter', keyCode: 13 })
    await press(edited, confirm)
    await expect(edited).toHaveValue('张wei')
    await page.waitForTimeout(200)
    expect(saved.filter(method => method === 'POST')).toEqual([])
    await expect(page.getByRole('complementary', { name: 'Customer' })).toBeVisible()
  })
}

test('Enter of a composition ticks no tag and creates none', async ({ customers, page }) => {
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  await page.keyboard.press('2')
  const box = detail.getByRole('searchbox')
  await box.fill('vip')
  const posts: string[] = []
  page.on('request', request => void (request.method() === 'POST' && posts.push(request.url())))
  await press(box, { ...composing, key: 'Enter', keyCode: 13 })
  await press(box, confirm)
  await expect(box).toHaveValue('vip')
  await page.waitForTimeout(200)
  expect(posts).toEqual([])
})

test('no key of a composition is a shortcut of the page', async ({ customers, page }) => {
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  const url = page.url()
  await press(page.locator('body'), { ...composing, key: 'Escape', keyCode: 229 })
  await press(page.locator('body'), { key: '3', keyCode: 229, bubbles: true })
  await expect(page).toHaveURL(url)
  await press(page.locator('body'), { key: '3', keyCode: 51, bubbles: true })
  await expect(page).toHaveURL(/tab=interaction/)
})
