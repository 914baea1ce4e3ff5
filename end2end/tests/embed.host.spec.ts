import type { Page } from '@playwright/test'
import { expect, focused, heard, modes, putElements, test, type Widget } from '../embed'

// The page around the element: its keys, forms, dialogs, history and storage are left alone.
test.describe.configure({ timeout: 90_000 })

/** Keys that are shortcuts of the console; three of them are shortcuts of the page around it as well. */
const LETTERS = 'cebt/?'

/** Expects that no key acted as a shortcut, neither in the console nor in the page around it. */
async function expectNoShortcut(widget: Widget, tab: string) {
  await expect(widget.root.locator('dialog[open]')).toHaveCount(0)
  await expect(widget.pane.getByRole('link', { name: tab, exact: true })).toHaveAttribute('aria-current', 'page')
  await expect(widget.heard('callback-started')).toHaveCount(0)
  await expect(widget.heard('shortcut')).toHaveCount(0)
}

/** Opens a page with a customer in the pane. */
async function opened(embed: (kind: 'plain', mode: 'element', parameters: Record<string, string>) => Promise<Widget>, key: number) {
  const widget = await embed('plain', 'element', { 'customer-id': String(key) })
  await widget.ready()
  await expect(widget.pane.getByRole('heading', { level: 2 })).toBeVisible()
  return widget
}

test('letters that are typed into a field of the console are text', async ({ embed, make }) => {
  const widget = await opened(embed, (await make('Typed Into')).key)
  await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
  await widget.field('Company').pressSequentially(LETTERS)
  await expect(widget.field('Company')).toHaveValue(LETTERS)
  await expectNoShortcut(widget, 'Profile')
  await widget.field('Company').press('Escape')

  await widget.tab('Customer Tags').click()
  const picker = widget.pane.getByLabel('Find or create a tag')
  await picker.pressSequentially(LETTERS)
  await expect(picker).toHaveValue(LETTERS)
  await expectNoShortcut(widget, 'Customer Tags')

  await widget.tab('Interaction').click()
  await widget.pane.locator('summary', { hasText: 'Find' }).click()
  const words = widget.pane.getByRole('searchbox', { name: 'Search messages' })
  await words.pressSequentially(LETTERS)
  await expect(words).toHaveValue(LETTERS)
  await expectNoShortcut(widget, 'Interaction')

  // No customer matches, so the pane closes, as on our own page.
  await widget.search.pressSequentially(LETTERS)
  await expect(widget.search).toHaveValue(LETTERS)
  await expect(widget.root.locator('dialog[open]')).toHaveCount(0)
  await expect(widget.heard('callback-started')).toHaveCount(0)
  await expect(widget.heard('shortcut')).toHaveCount(0)
})

test('with the focus outside, no key of the page is taken', async ({ embed, make, page }) => {
  const widget = await opened(embed, (await make('Left Alone')).key)
  for (const field of [widget.tools.getByLabel('Notes'), page.getByLabel('Search Harbour')]) {
    await field.pressSequentially(LETTERS)
    await expect(field).toHaveValue(LETTERS)
  }
  await expectNoShortcut(widget, 'Profile')
  await page.getByRole('heading', { name: 'Harbour' }).click()
  for (const key of [...LETTERS, 'j', '2', 'Escape', 'F6', 'n', 'z']) await page.keyboard.press(key)
  // The page around it got its own keys, and nothing happened in the console.
  await expect(widget.heard('shortcut')).toHaveText(['shortcut c', 'shortcut /', 'shortcut ?'])
  await expect(widget.tab('Profile')).toHaveAttribute('aria-current', 'page')
  await expect(widget.root.locator('dialog[open]')).toHaveCount(0)
  await expect(widget.field('Nickname')).toHaveCount(0)
  expect((await focused(page)).tag).toBe('body')
})

test('with the focus inside, shortcuts work and do not reach the page', async ({ embed, make }) => {
  const widget = await opened(embed, (await make('Shortcuts Inside')).key)
  await widget.names.first().focus()
  await widget.page.keyboard.press('/')
  await expect(widget.search).toBeFocused()
  await widget.names.first().focus()
  await widget.page.keyboard.press('2')
  await expect(widget.tab('Customer Tags')).toHaveAttribute('aria-current', 'page')
  await widget.page.keyboard.press('?')
  await expect(widget.root.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await widget.page.keyboard.press('Escape')
  await expect(widget.root.locator('dialog[open]')).toHaveCount(0)
  await expect(widget.heard('shortcut')).toHaveCount(0)
})

test('a dialog keeps the focus, Esc closes one layer, and the focus returns to the button', async ({ embed, make, page }) => {
  const widget = await opened(embed, (await make('In A Dialog')).key)
  const button = widget.pane.getByRole('button', { name: 'Add to Blacklist' })
  await button.click()
  const dialog = widget.root.getByRole('dialog', { name: 'Add to Blacklist' })
  await expect(dialog).toBeVisible()
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let step = 0; step < 20; step++) {
      await page.keyboard.press(key)
      const { tag, name, inDialog } = await focused(page)
      // After the last control the browser's own controls follow.
      expect(inDialog || tag === 'body', `${key} ${step}: ${tag} ${name}`).toBe(true)
    }
  }
  await dialog.getByLabel('Reason').focus()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(button).toBeFocused()
  await expect(widget.pane).toBeVisible()
})

test('inside of a form of the page, Enter does not submit it', async ({ embed, make, page }) => {
  const customer = await make('Inside A Form')
  const widget = await opened(embed, customer.key)
  await page.evaluate(() => {
    const form = document.createElement('form')
    form.addEventListener('submit', event => {
      event.preventDefault()
      Object.assign(window, { submitted: true })
    })
    const place = document.querySelector('.place')!
    place.replaceWith(form)
    form.append(place, document.createElement('button'))
    form.style.height = '100%'
  })
  await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
  await widget.search.fill(customer.id)
  await widget.search.press('Enter')
  await widget.expectTotal(1)
  await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
  await widget.field('Company').fill('In A Form')
  await widget.field('Company').press('Enter')
  await expect(widget.pane.getByText('In A Form', { exact: true })).toBeVisible()
  await widget.blacklist('written in a form')
  await widget.expectEvent('blacklist-changed', { customer: customer.key, blacklisted: true })
  expect(await page.evaluate(() => 'submitted' in window)).toBe(false)
})

test('inside of a dialog of the page, the dialog of the console is above it, and Esc closes it first', async ({ embed, make, page }) => {
  const widget = await opened(embed, (await make('Dialog In Dialog')).key)
  await page.evaluate(() => {
    const dialog = document.createElement('dialog')
    dialog.id = 'outer'
    const place = document.querySelector<HTMLElement>('.place')!
    place.replaceWith(dialog)
    dialog.append(place)
    dialog.style.cssText = 'width: 90%; height: 90%'
    dialog.showModal()
  })
  await widget.pane.getByRole('button', { name: 'Add to Blacklist' }).click()
  const dialog = widget.root.getByRole('dialog', { name: 'Add to Blacklist' })
  await dialog.getByLabel('Reason').fill('typed above')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page.locator('#outer')).toBeVisible()
  await expect(widget.pane).toBeVisible()
})

for (const mode of modes) {
  test(`mode ${mode}: customers that are opened leave no entries in the history`, async ({ embed, host, page, make }) => {
    const customers = [await make(`Back One ${mode}`), await make(`Back Two ${mode}`), await make(`Back Three ${mode}`), await make(`Back Four ${mode}`), await make(`Back Five ${mode}`)]
    await page.goto(host.url('bare'))
    const widget = await embed('plain', mode)
    await widget.ready()
    const entries = await page.evaluate(() => history.length)
    for (const customer of customers) {
      await widget.search.fill(customer.id)
      await widget.names.filter({ hasText: customer.name }).click()
      await widget.expectEvent('customer-selected', { customer: customer.key })
    }
    expect(await page.evaluate(() => history.length)).toBe(entries)
    expect(page.url()).toBe(host.url('plain', { mode, filters: '{"period":"all"}' }))
    await page.goBack()
    await expect(page).toHaveURL(host.url('bare'))
    await page.goForward()
    await widget.ready()
    await widget.openCustomer(customers[0]!.key)
    await expect(widget.pane.getByRole('heading', { name: customers[0]!.name })).toBeVisible()
  })

  test(`mode ${mode}: leaves no traces in the page`, async ({ host, page, make }) => {
    const customer = await make('Without Traces')
    await page.goto(host.url('bare'))
    await page.evaluate(() => localStorage.setItem('theme', 'harbour'))
    const before = await traces(page)
    await putElements(page, host.clientele, [{ attributes: { mode, theme: 'dark', locale: 'zh-CN', 'customer-id': String(customer.key) } }])
    await expect.poll(async () => (await heard(page)).map(([, name]) => name), { timeout: 20_000 }).toContain('ready')
    expect(await traces(page)).toEqual(before)
    await page.evaluate(() => document.querySelector('clientele-customers')!.remove())
    await page.waitForTimeout(500)
    expect(await traces(page)).toEqual(before)
  })
}

/** Returns what an element could change in the page around it. */
function traces(page: Page) {
  return page.evaluate(() => {
    const attributes = (element: Element) => [...element.attributes].map(({ name, value }) => `${name}=${value}`)
    return {
      attributes: [...attributes(document.documentElement), ...attributes(document.body)],
      head: document.head.innerHTML,
      title: document.title,
      styles: document.styleSheets.length + document.adoptedStyleSheets.length,
      cookie: document.cookie,
      storage: [JSON.stringify(localStorage), JSON.stringify(sessionStorage)],
      url: location.href,
      // Those of this test itself are no traces.
      globals: Object.getOwnPropertyNames(window).filter(name => name !== 'heard' && !name.startsWith('__playwright')),
    }
  })
}
