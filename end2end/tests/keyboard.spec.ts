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
  for (const what of ['Search', 'Sort panel', 'Next row', 'Open', 'Next customer', 'Next pane']) await expect(dialog).toContainText(what)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
})

test('Tab comes to the skip link first, and the focus is always seen', async ({ page }) => {
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to the page' })
  await expect(skip).toBeFocused()
  await expect(skip).toBeInViewport()

  // The list is one stop: after its row comes the end of the page.
  const inList = () => page.evaluate(() => document.activeElement?.closest('.list-window') != null)
  for (let step = 0; !(await inList()); step++) {
    expect(step).toBeLessThan(20)
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

test('the list is one stop of Tab, and the customer is the next', async ({ customers, page }) => {
  await customers.names.nth(3).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  const inList = () => page.evaluate(() => document.activeElement?.closest('.list-window') !== null)
  await customers.table.getByRole('columnheader', { name: 'Latest conversation' }).getByRole('link').focus()
  await page.keyboard.press('Tab')
  // The row that is open.
  await expect(customers.names.nth(3)).toBeFocused()
  await page.keyboard.press('Tab')
  expect(await inList()).toBe(false)
  await expect(detail.locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Shift+Tab')
  await expect(customers.names.nth(3)).toBeFocused()
  // Tab comes back to the row that was left.
  await page.keyboard.press('j')
  await expect(customers.names.nth(4)).toBeFocused()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Shift+Tab')
  await expect(customers.names.nth(4)).toBeFocused()
  // What a row offers is beside its name.
  await page.keyboard.press('ArrowRight')
  await expect(customers.rows.nth(4).getByRole('button')).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(customers.names.nth(4)).toBeFocused()
})

test('after scrolling, Tab and j begin at what is in sight', async ({ customers, page }) => {
  await page.locator('.list').evaluate(list => list.scrollTo(0, 2_000))
  await expect(page.locator('tr[aria-rowindex="48"]')).toBeVisible()
  await customers.table.getByRole('columnheader', { name: 'Latest conversation' }).getByRole('link').focus()
  await page.keyboard.press('Tab')
  const place = await page.evaluate(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex'))
  expect(Number(place)).toBeGreaterThan(44)
  expect(await page.locator('.list').evaluate(list => list.scrollTop)).toBeGreaterThan(1_900)
})

test('Enter leads into the customer, F6 from pane to pane, Esc back to the row', async ({ customers, page }) => {
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail).toBeFocused()
  await page.keyboard.press('F6')
  await expect(customers.names.first()).toBeFocused()
  await page.keyboard.press('F6')
  await expect(detail).toBeFocused()
  await page.keyboard.press('F6')
  // The customer is open already.
  await page.keyboard.press('Enter')
  await expect(detail).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(detail).toBeHidden()
  await expect(customers.names.first()).toBeFocused()
  // Whoever points goes on pointing.
  await customers.names.nth(1).click()
  await expect(detail.getByRole('heading', { level: 2 })).toBeVisible()
  await expect(customers.names.nth(1)).toBeFocused()
})

test('where the customer covers the list, the focus is in it, and comes back', async ({ customers, page }) => {
  await page.setViewportSize({ width: 800, height: 700 })
  await customers.names.nth(2).click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await expect(detail).toBeFocused()
  await detail.getByRole('link', { name: 'Close the customer' }).click()
  await expect(customers.names.nth(2)).toBeFocused()
})

test('] goes through more customers than are in sight, as one step of the history', async ({ customers, page }) => {
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
  await page.keyboard.press('[')
  await expect.poll(() => seen.has(page.url())).toBe(true)
  await page.goBack()
  await expect(page).toHaveURL(url)
})

test('single letters can be turned off, and stay off', async ({ customers, page }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await dialog.getByRole('checkbox', { name: 'Use single letters and signs as shortcuts' }).uncheck()
  await page.keyboard.press('Escape')
  for (const key of ['f', '/', '?', 'n']) await page.keyboard.press(key)
  await expect(customers.apply).toBeHidden()
  await expect(customers.search).not.toBeFocused()
  await expect(dialog).toBeHidden()
  await page.reload()
  await page.locator('html[data-hydrated]').waitFor()
  await page.keyboard.press('f')
  await expect(customers.apply).toBeHidden()
  // Keys that type nothing stay.
  await page.keyboard.press('ArrowDown')
  await expect(customers.names.first()).toBeFocused()
})

test('a menu of the rail closes by Esc, by a click elsewhere, and by a choice', async ({ customers, page }) => {
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

test('arrows belong to the control that has the focus', async ({ customers, page }) => {
  await customers.openPanel()
  await customers.panel.getByRole('radio', { name: 'All time' }).focus()
  await page.keyboard.press('ArrowLeft')
  await expect(customers.panel.getByRole('radio', { name: 'Last month' })).toBeChecked()
  await expect(customers.panel.getByRole('radio', { name: 'Last month' })).toBeFocused()
})

test('t leads to the box that finds a tag, and Esc ends one thing after the other', async ({ customers, page }) => {
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

test('a screenful of rows on or back, and to either end, takes the focus along', async ({ customers, page }) => {
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

test('who removes a condition goes on with the next one', async ({ customers, page }) => {
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
  await customers.rows.nth(1).getByRole('cell').nth(3).click({ button: 'middle' })
  await expect(await opened).toHaveURL(/customers\/\d+/)
  await expect(page).toHaveURL(url)
})

test('the focus stays in the customer when its control goes with the tab', async ({ customers, page }) => {
  await customers.names.first().click()
  const detail = page.getByRole('complementary', { name: 'Customer' })
  await detail.getByRole('button', { name: 'Edit Phone' }).focus()
  for (const key of ['2', '3', '1']) {
    await page.keyboard.press(key)
    await expect(detail).toBeFocused()
    await page.keyboard.press('Tab')
    await expect(detail.locator(':focus')).toHaveCount(1)
    // On to a control of the tab.
    await detail.locator('.detail-body :is(button, [type="checkbox"], summary)').first().focus()
  }
})

test('from the search box one goes to the first row', async ({ customers, page }) => {
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

test('F6 comes to the row of the open customer, also after ]', async ({ customers, page }) => {
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

test('g and the letter of a page leave the focus in the page', async ({ page }) => {
  await page.goto('/customers?period=all')
  await page.locator('html[data-hydrated]').waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('g')
  await page.keyboard.press('v')
  await expect(page).toHaveURL(/conversations/)
  await expect(page.locator('#content')).toBeFocused()
})
