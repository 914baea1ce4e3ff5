import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test'
import { parseNumber } from './customers'

/** How the element shows the console. */
export const modes = ['element', 'frame'] as const
export type Mode = (typeof modes)[number]

/** The element, as scripts of a page see it (public/embed.d.ts). */
export type ClienteleElement = HTMLElement & {
  fetchToken: (() => Promise<string | { token: string }>) | null
  appearance: Record<string, string>
  filters: Record<string, string | string[]>
  openCustomer(key: number | null): void
  setFilters(filters: object): void
  refresh(): void
  updateAppearance(appearance: Record<string, string>): void
  logout(): void | Promise<void>
}

/** Page object of a host page with the element: the console inside of it, and the tools of the page around it. */
export class Widget {
  readonly page: Page
  readonly mode: Mode
  readonly element: Locator
  /** The console: the shadow root, or the document of the frame. */
  readonly root: Locator | FrameLocator
  readonly table: Locator
  readonly rows: Locator
  readonly names: Locator
  readonly count: Locator
  readonly search: Locator
  readonly pane: Locator
  /** Dialog of the console that asks for another token. */
  readonly over: Locator
  /** Tools of the page around the element. */
  readonly tools: Locator
  readonly events: Locator

  constructor(page: Page, mode: Mode, element = page.locator('clientele-customers')) {
    this.page = page
    this.mode = mode
    this.element = element
    this.root = mode === 'frame' ? element.frameLocator('iframe') : element
    this.table = this.root.getByRole('table', { name: 'Customers' })
    this.rows = this.table.getByRole('row').filter({ has: page.getByRole('cell') })
    this.names = this.table.getByRole('rowheader').getByRole('link')
    this.count = this.root.getByRole('status').filter({ hasText: /^[\d,]+ customers?/ }).last()
    this.search = this.root.getByRole('searchbox', { name: 'Search ID, name, phone, email' })
    this.pane = this.root.getByRole('complementary', { name: 'Customer', exact: true })
    this.over = this.root.getByRole('dialog', { name: 'Sign in again' })
    this.tools = page.getByRole('complementary', { name: 'Harbour tools' })
    this.events = page.getByRole('list', { name: 'Events' }).getByRole('listitem')
  }

  /** Waits until the first list is drawn. */
  async ready() {
    await expect(this.heard('ready')).toHaveCount(1, { timeout: 20_000 })
    await expect(this.count).toBeVisible()
  }

  /** Returns the entries of the log for events with this name. */
  heard(name: string) {
    return this.events.filter({ hasText: new RegExp(`^${name} `) })
  }

  /** Returns the entries of the log for events with this name and detail. Other tests may change other customers meanwhile. */
  reports(name: string, detail: unknown) {
    return this.events.filter({ hasText: `${name} ${JSON.stringify(detail)}` })
  }

  /** Expects that an event with this name and detail has been received. */
  async expectEvent(name: string, detail: unknown, timeout?: number) {
    await expect(this.reports(name, detail)).not.toHaveCount(0, { timeout })
  }

  /** Presses a button of the page around the element. */
  async use(button: string) {
    await this.tools.getByRole('button', { name: button, exact: true }).click()
  }

  /** Opens a customer from the page around the element. */
  async openCustomer(key: number) {
    await this.tools.getByLabel('Customer key').fill(String(key))
    await this.use('Open customer')
  }

  async setFilters(filters: object) {
    await this.tools.getByLabel('Filters').fill(JSON.stringify(filters))
    await this.use('Set filters')
  }

  /** Types into the search box and waits for the result. */
  async find(text: string, total: number) {
    await this.search.fill(text)
    await this.expectTotal(total)
  }

  async expectTotal(total: number) {
    if (total === 0) await expect(this.root.getByRole('heading', { name: /^No customers/ })).toBeVisible()
    else await expect(this.count).toHaveText(new RegExp(`^${total.toLocaleString('en-US')} customers?`))
  }

  async total() {
    return parseNumber(await this.count.innerText())
  }

  /** Returns a computed style of the console's root element. */
  style(property: string) {
    return this.root.locator('.embedded').evaluate((root, property) => getComputedStyle(root).getPropertyValue(property), property)
  }

  tab(name: 'Profile' | 'Customer Tags' | 'Interaction') {
    return this.pane.getByRole('navigation', { name: 'Customer sections' }).getByRole('link', { name })
  }

  /** The editor of a profile field, or its button that opens the editor. */
  field(label: string) {
    return this.pane.getByLabel(label, { exact: true })
  }

  async edit(label: string, value: string) {
    await this.pane.getByRole('button', { name: `Edit ${label}` }).click()
    await this.field(label).fill(value)
    await this.field(label).press('Enter')
    await expect(this.pane.getByText(value, { exact: true })).toBeVisible()
  }

  /** Blacklists the customer in the pane. */
  async blacklist(reason: string) {
    await this.pane.getByRole('button', { name: 'Add to Blacklist' }).click()
    const dialog = this.root.getByRole('dialog', { name: 'Add to Blacklist' })
    await dialog.getByLabel('Reason').fill(reason)
    await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
    await expect(dialog).toBeHidden()
  }
}

/** Returns the texts and values in the page, in its shadow roots, and in its storages: everything that could reveal a customer. */
export function everythingIn(page: Page) {
  return page.evaluate(() => {
    const texts: string[] = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]
    const collect = (root: ParentNode) => {
      for (const element of root.querySelectorAll('*')) {
        for (const { value } of element.attributes) texts.push(value)
        for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent ?? '')
        if ('value' in element) texts.push(String(element.value))
        if (element.shadowRoot) collect(element.shadowRoot)
      }
    }
    // Not the tools of the example, which log the keys.
    for (const element of document.querySelectorAll('clientele-customers')) if (element.shadowRoot) collect(element.shadowRoot)
    return texts.join('\n')
  })
}

/** Returns the innermost focused element of the page, as tag, name and whether it is in an open dialog of a shadow root. */
export function focused(page: Page) {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    const name = active?.getAttribute('aria-label') ?? active?.id ?? ''
    return { tag: active?.tagName.toLowerCase() ?? '', name, inDialog: !!active?.closest('dialog[open]') }
  })
}

/** An element for the bare page. */
export type Setting = { attributes?: Record<string, string>; filters?: Record<string, string | string[]> }

/**
 * Puts elements into the bare page, and loads the script only afterwards. Their events are collected with the place of the element;
 * `heard` returns them.
 */
export async function putElements(page: Page, clientele: string, settings: Setting[]) {
  await page.evaluate(
    async ({ clientele, settings }) => {
      const names = ['ready', 'load-error', 'customer-selected', 'customer-updated', 'callback-started', 'blacklist-changed', 'session-expired']
      const heard: [number, string, unknown][] = ((window as unknown as { heard: typeof heard }).heard ??= [])
      const height = innerHeight / settings.length
      settings.forEach(({ attributes = {}, filters = { period: 'all' } }, place) => {
        const element = document.createElement('clientele-customers')
        Object.assign(element, {
          filters,
          fetchToken: async () => {
            const response = await fetch('/token', { method: 'POST' })
            if (!response.ok) throw new Error(`no token: ${response.status}`)
            return ((await response.json()) as { token: string }).token
          },
        })
        for (const name of names) element.addEventListener(name, event => heard.push([place, name, (event as CustomEvent).detail]))
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
        element.style.cssText = `height: ${height}px !important; width: 1200px !important`
        document.body.append(element)
      })
      if (document.querySelector('script')) return
      const script = Object.assign(document.createElement('script'), { type: 'module', src: `${clientele}/embed.js` })
      document.body.append(script)
      await new Promise((loaded, failed) => {
        script.onload = loaded
        script.onerror = failed
      })
    },
    { clientele, settings },
  )
}

/** Returns the events of the elements of the bare page: the place of the element, the name and the detail. */
export function heard(page: Page): Promise<[number, string, Record<string, unknown>][]> {
  return page.evaluate(() => (window as unknown as { heard: [number, string, Record<string, unknown>][] }).heard ?? [])
}
