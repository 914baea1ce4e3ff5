import { expect, test } from '../fixtures'

test.beforeEach(async ({ customers }) => customers.open({ period: 'all' }))

test('/ focuses the search box, where letters are not shortcuts', async ({ customers, page }) => {
  await page.keyboard.press('/')
  await expect(customers.search).toBeFocused()
  await page.keyboard.type('jfk?')
  await expect(customers.search).toHaveValue('jfk?')
  await expect(customers.apply).toBeHidden()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('f opens the Sort panel, Esc closes it and restores the focus', async ({ customers, page }) => {
  await page.keyboard.press('f')
  await expect(customers.apply).toBeVisible()
  await expect(customers.panel.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(customers.apply).toBeHidden()
  await expect(customers.sort).toBeFocused()
})

test('j and k move through the rows, Enter opens, Esc closes and returns to the row', async ({ customers, page }) => {
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

test('moving past the last visible row loads more', async ({ customers, page }) => {
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
  for (const what of ['Search', 'Sort panel', 'Next row', 'Open', 'Next customer', 'Next pane']) await expect(dialog).toContainText(what)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

test('the skip link is the first Tab stop, and the focus is always visible', async ({ page }) => {
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to main content' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()

  // The list is one Tab stop: after its row comes the end of the page.
  const inList = () => page.evaluate(() => document.activeElement?.closest('.list-window') != null)
  for (let step = 0; !(await inList()); step++) {
    expect(step).toBeLessThan(20)
    await page.keyboard.press('Tab')
    const seen = await page.evaluate(() => {
      const focused = document.activeElement
      if (!focused || focused === document.body) return false
      // The focus ring of a link is shown on its row, that of a radio button on its segment.
      const shown = [focused, focused.closest('label'), focused.closest('tr')].filter(element => element !== null)
      return shown.some(element => getComputedStyle(element).outlineStyle !== 'none')
    })
    expect(seen, `step ${step}: ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120))}`).toBe(true)
  }
})

test('the list is one Tab stop, and the customer is the next', async ({ customers, page }) => {
  await customers.names.nth(3).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  const inList = () => page.evaluate(() => document.activeElement?.closest('.list-window') !== null)
  await customers.table.getByRole('columnheader', { name: 'Latest conversation' }).getByRole('link').focus()
  await page.keyboard.press('Tab')
  // The row of the open customer.
  await expect(customers.names.nth(3)).toBeFocused()
  await page.keyboard.press('Tab')
  expect(await inList()).toBe(false)
  await expect(detail.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Shift+Tab')
  await expect(customers.names.nth(3)).toBeFocused()
  // Tab returns to the last focused row.
  await page.keyboard.press('j')
  await expect(customers.names.nth(4)).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Shift+Tab')
  await expect(customers.names.nth(4)).toBeFocused()
  // The controls of a row are reached from its name.
  await page.keyboard.press('ArrowRight')
  await expect(customers.rows.nth(4).getByRole('button')).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(customers.names.nth(4)).toBeFocused()
})

test('after scrolling, Tab and j start at the visible rows', async ({ customers, page }) => {
  await page.locator('.list').evaluate(list => list.scrollTo(0, 2_000))
  await expect(page.locator('tr[aria-rowindex="48"]')).toBeVisible()
  await customers.table.getByRole('columnheader', { name: 'Latest conversation' }).getByRole('link').focus()
  await page.keyboard.press('Tab')
  const place = await page.evaluate(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex'))
  expect(Number(place)).toBeGreaterThan(44)
  expect(await page.locator('.list').evaluate(list => list.scrollTop)).toBeGreaterThan(1_900)
})

test('Enter focuses the customer, F6 moves between panes, Esc returns to the row', async ({ customers, page }) => {
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail).toBeFocused()
  await page.keyboard.press('F6')
  await expect(customers.names.first()).toBeFocused()
  await page.keyboard.press('F6')
  await expect(detail).toBeFocused()
  await page.keyboard.press('F6')
  // The customer is already open.
  await page.keyboard.press('Enter')
  await expect(detail).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(detail).toBeHidden()
  await expect(customers.names.first()).toBeFocused()
  // After a mouse click the focus stays on the row.
  await customers.names.nth(1).click()
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  await expect(customers.names.nth(1)).toBeFocused()
})

test('if the customer covers the list, it gets the focus, and closing returns it', async ({ customers, page }) => {
  await page.setViewportSize({ width: 800, height: 700 })
  await customers.names.nth(2).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail).toBeFocused()
  await detail.getByRole('link', { name: 'Close customer' }).click()
  await expect(customers.names.nth(2)).toBeFocused()
})

test('] moves through more customers than are visible, as one history entry', async ({ customers, page }) => {
  const detail = page.getByRole('complementary', { name: 'Customer' })
  const url = page.url()
  await customers.names.first().click()
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  const seen = new Set([page.url()])
  for (let step = 0; step < 60; step++) {
    const before = page.url()
    if (step === 30) await detail.getByRole('button', { name: 'Next customer' }).click()
    else await page.keyboard.press(']')
    await expect.poll(() => page.url()).not.toBe(before)
    seen.add(page.url())
  }
  expect(seen.size).toBe(61)
  await expect(page.locator('tr.is-current')).toBeInViewport()
  await expect(detail).toHaveAttribute('aria-busy', 'false')
  const last = page.url()
  await page.keyboard.press('[')
  await expect.poll(() => page.url()).not.toBe(last)
  expect(seen.has(page.url())).toBe(true)
  await page.goBack()
  await expect(page).toHaveURL(url)
})

test('single letters can be turned off, and stay off', async ({ customers, page }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await dialog.getByRole('checkbox', { name: 'Enable single-key shortcuts' }).uncheck()
  await page.keyboard.press('Escape')
  for (const key of ['f', '/', '?', 'n']) await page.keyboard.press(key)
  await expect(customers.apply).toBeHidden()
  await expect(customers.search).not.toBeFocused()
  await expect(dialog).toBeHidden()
  await page.reload()
  await page.locator('html[data-hydrated]').waitFor()
  await page.keyboard.press('f')
  // Keys that type no character still work. Once this one has acted, the letter would have.
  await page.keyboard.press('ArrowDown')
  await expect(customers.names.first()).toBeFocused()
  await expect(customers.apply).toBeHidden()
})

test('a menu of the rail closes on Esc, on a click outside, and on a selection', async ({ customers, page }) => {
  const menu = page.locator('summary', { hasText: 'Theme' })
  const dark = page.getByRole('button', { name: 'Dark' })
  await menu.click()
  await expect(dark).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dark).toBeHidden()
  await expect(menu).toBeFocused()
  await menu.click()
  await customers.count.click()
  await expect(dark).toBeHidden()
  await menu.click()
  await dark.click()
  await expect(dark).toBeHidden()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('arrow keys act on the focused control', async ({ customers, page }) => {
  await customers.openPanel()
  await customers.panel.getByRole('radio', { name: 'All time' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(customers.panel.getByRole('radio', { name: 'Last month' })).toBeChecked()
  await expect(customers.panel.getByRole('radio', { name: 'Last month' })).toBeFocused()
})

test('t focuses the tag search, and Esc closes one thing at a time', async ({ customers, page }) => {
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  await page.keyboard.press('t')
  const box = detail.getByRole('searchbox')
  await expect(box).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(detail).toBeFocused()
  await page.keyboard.press('e')
  await expect(detail.getByRole('textbox', { name: 'Nickname' })).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(detail.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(detail.getByRole('textbox', { name: 'Nickname' })).toHaveCount(0)
  await page.keyboard.press('3')
  const fold = detail.locator('.interaction details').first()
  await fold.locator('summary').click()
  await expect(fold).toHaveAttribute('open', '')
  await page.keyboard.press('Escape')
  await expect(fold).not.toHaveAttribute('open')
  await expect(detail).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(detail).toBeHidden()
})

test('Page Up, Page Down, Home and End move the focus', async ({ customers, page }) => {
  const total = await customers.total()
  const place = () => page.evaluate(() => Number(document.activeElement?.closest('tr')?.getAttribute('aria-rowindex')))
  await page.keyboard.press('j')
  await expect.poll(place).toBe(2)
  await page.keyboard.press('PageDown')
  await expect.poll(place).toBeGreaterThan(10)
  const screen = (await place()) - 2
  await page.keyboard.press('PageDown')
  await expect.poll(place).toBe(2 + 2 * screen)
  await page.keyboard.press('PageUp')
  await expect.poll(place).toBe(2 + screen)
  await page.keyboard.press('End')
  await expect.poll(place).toBe(total + 1)
  await expect(page.locator('tr:focus-within')).toBeInViewport()
  await page.keyboard.press('Home')
  await expect.poll(place).toBe(2)
})

test('after removing a filter the next one has the focus', async ({ customers, page }) => {
  await customers.open({ period: 'month', name: 'wei', channel: 'web' })
  await expect(customers.chips).toHaveCount(3)
  await customers.chips.nth(0).focus()
  for (const left of [2, 1]) {
    await page.keyboard.press('Enter')
    await expect(customers.chips).toHaveCount(left)
    await expect(customers.chips.nth(0)).toBeFocused()
  }
  await page.keyboard.press('Enter')
  await expect(customers.chips).toHaveCount(0)
  await expect(customers.sort).toBeFocused()
})

test('the middle button opens a customer in another tab, from any cell', async ({ customers, page, context }) => {
  const url = page.url()
  const opened = context.waitForEvent('page')
  await customers.rows.nth(1).getByRole('cell').nth(4).click({ button: 'middle' })
  await expect(await opened).toHaveURL(/customers\/\d+/)
  await expect(page).toHaveURL(url)
})

test('the focus stays in the customer when the focused control disappears with its tab', async ({ customers, page }) => {
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await detail.getByRole('button', { name: 'Edit Phone' }).focus()
  for (const key of ['2', '3', '1']) {
    await page.keyboard.press(key)
    await expect(detail).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(detail.locator(':focus')).toHaveCount(1)
    // Move to a control of the tab.
    await detail.locator('.detail-body :is(button, [type="checkbox"], summary)').first().focus()
  }
})

test('the first row can be reached from the search box', async ({ customers, page }) => {
  await page.keyboard.press('/')
  await page.keyboard.type('wei')
  await expect(page).toHaveURL(/q=wei/)
  await expect(customers.table.locator('mark').first()).toBeVisible()
  await page.keyboard.press('ArrowDown')
  await expect(customers.names.first()).toBeFocused()
  await page.keyboard.press('/')
  await page.keyboard.press('Enter')
  await expect(customers.names.first()).toBeFocused()
})

test('F6 focuses the row of the open customer, also after ]', async ({ customers, page }) => {
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail).toBeFocused()
  for (const place of [1, 2]) {
    const before = page.url()
    await page.keyboard.press(']')
    await expect.poll(() => page.url()).not.toBe(before)
    await expect(customers.rows.nth(place)).toHaveClass(/is-current/)
  }
  await page.keyboard.press('F6')
  await expect(customers.names.nth(2)).toBeFocused()
})

test('g and the letter of a page move the focus into the page', async ({ page }) => {
  await page.goto('/customers?period=all')
  await page.locator('html[data-hydrated]').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('g')
  await page.keyboard.press('v')
  await expect(page).toHaveURL(/conversations/)
  await expect(page.locator('#content')).toBeFocused()
})
