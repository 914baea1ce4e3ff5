import { expect, test } from '../fixtures'

test.beforeEach(async ({ customers }) => customers.open({ period: 'all' }))

test('/ goes to the search box, where letters are letters', async ({ customers, page }) => {
  await page.keyboard.press('/')
  await expect(customers.search).toBeFocused()
  await page.keyboard.type('jfk?')
  await expect(customers.search).toHaveValue('jfk?')
  await expect(customers.apply).toBeHidden()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('f opens the filter, Esc closes it and gives the focus back', async ({ customers, page }) => {
  await page.keyboard.press('f')
  await expect(customers.apply).toBeVisible()
  await expect(customers.panel.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(customers.apply).toBeHidden()
  await expect(customers.sort).toBeFocused()
})

test('j and k walk the rows, Enter opens, Esc closes and comes back to the row', async ({ customers, page }) => {
  await page.keyboard.press('j')
  await expect(customers.names.nth(0)).toBeFocused()
  await page.keyboard.press('j')
  await page.keyboard.press('ArrowDown')
  await expect(customers.names.nth(2)).toBeFocused()
  await page.keyboard.press('k')
  const name = await customers.names.nth(1).innerText()
  await expect(customers.names.nth(1)).toBeFocused()

  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { name })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(detail).toHaveCount(0)
  await expect(customers.names.nth(1)).toBeFocused()
})

test('walking past the rows in sight brings more', async ({ customers, page }) => {
  expect(await customers.total()).toBeGreaterThan(80)
  for (let step = 1; step <= 80; step++) {
    await page.keyboard.press('j')
    // The heading is the first row.
    await expect(page.locator('tr:focus-within')).toHaveAttribute('aria-rowindex', String(step + 1))
  }
})

test('? lists the keys', async ({ page }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(dialog).toBeVisible()
  for (const what of ['Search', 'Sort panel', 'Next, previous row', 'Open']) await expect(dialog).toContainText(what)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

test('Tab comes to the skip link first, and the focus is always seen', async ({ page }) => {
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to the page' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()

  for (let step = 0; step < 15; step++) {
    await page.keyboard.press('Tab')
    const seen = await page.evaluate(() => {
      const focused = document.activeElement
      if (!focused || focused === document.body) return false
      // A row shows the focus of the link in it, a segment that of its radio button.
      const shown = [focused, focused.closest('label'), focused.closest('tr')].filter(element => element !== null)
      return shown.some(element => getComputedStyle(element).outlineStyle !== 'none')
    })
    expect(seen, `step ${step}: ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120))}`).toBe(true)
  }
})
