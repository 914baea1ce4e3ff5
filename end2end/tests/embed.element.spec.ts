import { ana, expect, expectAccessible, modes, parts, stamp, test, type ClienteleElement } from '../embed'

// Attributes, properties, methods and events of the element, which are the same in both modes.
test.describe.configure({ timeout: 90_000 })

for (const mode of modes) {
  test.describe(`mode ${mode}`, () => {
    test('shows the list of the filters that were set before, and says once that it is ready', async ({ embed, make }) => {
      const customer = await make('Filters Set Before')
      const widget = await embed('plain', mode, { filters: JSON.stringify({ period: 'all', q: customer.id }) })
      await widget.ready()
      await expect(widget.names).toHaveText([customer.name])
      await expect(widget.search).toHaveValue(customer.id)
      await expect(widget.heard('ready')).toHaveText('ready {}')
      await expect(widget.heard('load-error')).toHaveCount(0)
    })

    test('customer-id opens a customer, and a changed one another', async ({ embed, make }) => {
      const [first, second] = [await make('First Opened'), await make('Second Opened')]
      const widget = await embed('plain', mode, { 'customer-id': String(first.key) })
      await widget.ready()
      await expect(widget.pane.getByRole('heading', { name: first.name })).toBeVisible()
      await widget.element.evaluate((element, key) => element.setAttribute('customer-id', key), String(second.key))
      await expect(widget.pane.getByRole('heading', { name: second.name })).toBeVisible()
      await widget.expectEvent('customer-selected', { customer: second.key })
    })

    test('methods open and close a customer, filter, and load again', async ({ embed, make, page }) => {
      const customer = await make('Opened By Method')
      const widget = await embed('plain', mode)
      await widget.ready()
      await widget.openCustomer(customer.key)
      await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
      await widget.expectEvent('customer-selected', { customer: customer.key })
      await widget.use('Close customer')
      await expect(widget.pane).toHaveCount(0)
      await widget.expectEvent('customer-selected', { customer: null })

      await widget.setFilters({ period: 'all', name: customer.name, q: customer.id })
      await widget.expectTotal(1)
      await widget.setFilters({ period: 'all' })
      await expect.poll(() => widget.total()).toBeGreaterThan(1)

      const reloaded = page.waitForResponse(response => /\/api\/customers\/rows\?/.test(response.url()))
      await widget.use('Refresh')
      expect((await reloaded).status()).toBe(200)
      await expect(widget.heard('ready')).toHaveCount(1)
    })

    test('several values of a filter, as arrays', async ({ embed, make, office }) => {
      const tags: string[] = []
      for (const name of ['First', 'Second']) {
        const { key } = await make(`${name} Tagged`)
        const created = await office.request.post('/api/tags/create', { data: { mode: 'admin', name: `${name} ${stamp()}` } })
        const { id: tag } = (await created.json()) as { id: number }
        expect((await office.request.post('/api/customers/tag', { data: { mode: 'admin', key, tag, on: true } })).status()).toBe(200)
        tags.push(String(tag))
      }
      const widget = await embed('plain', mode, { filters: JSON.stringify({ period: 'all', tag: tags }) })
      await widget.ready()
      await widget.expectTotal(2)
      await widget.setFilters({ period: 'all', tag: tags[0] })
      await widget.expectTotal(1)
    })

    test('follows the locale of the attribute, and of the browser without it', async ({ embed }) => {
      const widget = await embed('plain', mode, { locale: 'zh-CN' })
      await expect(widget.root.getByRole('heading', { level: 1, name: '客户中心' })).toBeVisible({ timeout: 20_000 })
      await widget.element.evaluate(element => element.setAttribute('locale', 'en'))
      await expect(widget.root.getByRole('heading', { level: 1, name: 'Customers' })).toBeVisible()
      await widget.element.evaluate(element => element.removeAttribute('locale'))
      await expect(widget.root.getByRole('heading', { level: 1, name: 'Customers' })).toBeVisible()
    })

    test('themes: light, dark, and that of the system', async ({ embed, page }) => {
      const widget = await embed('plain', mode, { theme: 'dark' })
      await widget.ready()
      const paint = () => widget.style('background-color')
      const dark = await paint()
      await widget.element.evaluate(element => element.setAttribute('theme', 'light'))
      await expect.poll(paint).not.toBe(dark)
      const light = await paint()
      await widget.element.evaluate(element => element.setAttribute('theme', 'auto'))
      await expect.poll(paint).toBe(light)
      await page.emulateMedia({ colorScheme: 'dark' })
      await expect.poll(paint).toBe(dark)
    })

    test('a compact density shows more rows', async ({ embed }) => {
      const widget = await embed('plain', mode)
      await widget.ready()
      const height = async () => (await widget.rows.first().boundingBox())?.height ?? 0
      const comfortable = await height()
      await widget.element.evaluate(element => element.setAttribute('density', 'compact'))
      await expect.poll(height).toBeLessThan(comfortable)
    })

    test('appearance sets design tokens, at the start and later', async ({ embed }) => {
      const widget = await embed('plain', mode, { appearance: '{"accent":"#7a3e00"}' })
      await widget.ready()
      const accent = async () => (await widget.style('--cc-accent')).trim()
      expect(await accent()).toBe('#7a3e00')
      await widget.use('Green accent')
      await expect.poll(accent).toBe('#1b6b2f')
    })

    test('features narrow what is offered', async ({ embed, make }) => {
      const customer = await make('Only To Read')
      const widget = await embed('plain', mode, { features: 'list tags', 'customer-id': String(customer.key) })
      await widget.ready()
      await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
      await expect(widget.pane.getByRole('button', { name: /^Edit / })).toHaveCount(0)
      await expect(widget.pane.getByRole('button', { name: 'Contact Customer' })).toBeHidden()
      await expect(widget.pane.getByRole('button', { name: 'Add to Blacklist' })).toBeHidden()
      await widget.tab('Customer Tags').click()
      await expect(widget.pane.getByRole('checkbox').first()).toBeEnabled()
    })

    test('an agent sees the customers they have served', async ({ embed, host, make, expectOnConsole }) => {
      expectOnConsole(/404 \(Not Found\).*\/api\/customers\/one\?/)
      const customer = await make('Served By Nobody')
      host.user = ana
      const widget = await embed('plain', mode)
      await widget.ready()
      await widget.find(customer.id, 0)
      await widget.openCustomer(customer.key)
      await expect(widget.pane.getByRole('heading', { name: 'Customer not found' })).toBeVisible()
    })

    test('no violation of WCAG 2.2 AA, in both themes', async ({ embed, make, page }) => {
      const customer = await make('Accessible')
      for (const theme of ['light', 'dark']) {
        const widget = await embed('plain', mode, { theme, 'customer-id': String(customer.key) })
        await widget.ready()
        await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
        await expectAccessible(page)
      }
    })
  })
}

test('the page around it can style the element by custom properties and parts', async ({ embed, page }) => {
  const widget = await embed()
  await widget.ready()
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(`
      clientele-customers { --cc-accent: rgb(1, 2, 3); --cc-radius: 9px }
      clientele-customers::part(toolbar) { background: rgb(4, 5, 6) }`)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  })
  expect((await widget.style('--cc-accent')).trim()).toBe('rgb(1, 2, 3)')
  await expect(widget.root.locator('[part~="toolbar"]')).toHaveCSS('background-color', 'rgb(4, 5, 6)')
  for (const part of parts) expect(await widget.root.locator(`[part~="${part}"]`).count(), part).toBeGreaterThan(0)
})

test('properties return what was set', async ({ embed }) => {
  const widget = await embed('plain', 'element', { appearance: '{"radius":"2px"}' })
  await widget.ready()
  const read = await widget.element.evaluate((element: ClienteleElement) => ({
    appearance: element.appearance,
    filters: element.filters,
    token: typeof element.fetchToken,
    named: customElements.getName(element.constructor as CustomElementConstructor),
  }))
  expect(read).toEqual({ appearance: { radius: '2px' }, filters: { period: 'all' }, token: 'function', named: 'clientele-customers' })
})

test('events bubble, cross shadow roots, and carry ids only', async ({ embed, make, page }) => {
  const customer = await make('Secret Name')
  const widget = await embed()
  await widget.ready()
  await page.evaluate(() => {
    const heard: unknown[] = []
    Object.assign(window, { heard })
    document.addEventListener('customer-selected', event => {
      heard.push([event.bubbles, event.composed, Object.keys((event as CustomEvent).detail)])
    })
  })
  await widget.openCustomer(customer.key)
  await widget.expectEvent('customer-selected', { customer: customer.key })
  expect(await page.evaluate(() => (window as unknown as { heard: unknown }).heard)).toEqual([[true, true, ['customer']]])
  for (const line of await widget.events.allInnerTexts()) expect(line).not.toContain('Secret')
})
