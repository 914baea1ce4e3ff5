import { expect, test, type Locator, type Page } from '@playwright/test'

/** The Customers page as its user sees it: by role and label, so that a name is changed here and in no test. */
export class Customers {
  readonly page: Page
  readonly path: string
  readonly table: Locator
  /** One for each customer in sight. */
  readonly rows: Locator
  readonly names: Locator
  /** How many customers there are, in or out of sight. */
  readonly count: Locator
  readonly search: Locator
  /** The applied conditions, each a link that removes it. */
  readonly chips: Locator
  /** What is said, and offered, when nothing was found. */
  readonly empty: Locator
  /** The button that opens the filter. */
  readonly sort: Locator
  /** The filter. */
  readonly panel: Locator

  constructor(page: Page, path: '/customers' | '/admin/customers') {
    this.page = page
    this.path = path
    this.table = page.getByRole('table', { name: 'Customers' })
    // Neither the heading nor a row that is still on its way has cells.
    this.rows = this.table.getByRole('row').filter({ has: page.getByRole('cell') })
    this.names = this.table.getByRole('rowheader').getByRole('link')
    // The filter has one of its own, for what it would find.
    this.count = page.getByRole('status').filter({ hasText: /^[\d,]+ customers?/ }).last()
    this.search = page.getByRole('searchbox', { name: 'Search ID, name, phone, email' })
    this.chips = page.getByRole('list', { name: 'Applied conditions' }).getByRole('link')
    this.empty = page.getByRole('status').filter({ has: page.getByRole('heading') })
    // A summary has no role of its own.
    this.sort = page.locator('summary', { hasText: 'Sort' })
    this.panel = page.locator('form').filter({ has: page.getByRole('button', { name: 'Sort', exact: true }) })
  }

  /** Opens the list with these URL parameters. */
  async open(query: string | Record<string, string> = {}) {
    await this.page.goto(`${this.path}?${new URLSearchParams(query)}`)
    await hydrated(this.page)
    await expect(this.count).toBeVisible()
  }

  async openPanel() {
    await this.sort.click()
    await expect(this.apply).toBeVisible()
  }

  /** The button in the filter that applies it. */
  get apply() {
    return this.panel.getByRole('button', { name: 'Sort', exact: true })
  }

  get reset() {
    return this.panel.getByRole('link', { name: 'Reset' })
  }

  chip(name: string) {
    return this.chips.filter({ hasText: name })
  }

  /** The row of the customer with this ID. */
  row(id: string) {
    return this.rows.filter({ has: this.page.getByRole('cell', { name: id, exact: true }) })
  }

  async total() {
    return parseNumber(await this.count.innerText())
  }

  async expectTotal(total: number) {
    await expect(this.count).toHaveText(new RegExp(`^${total.toLocaleString('en-US')} customers?`))
  }

  /** The cells in sight under this heading. */
  async column(heading: string) {
    const headings = await this.table.getByRole('columnheader').allInnerTexts()
    const index = headings.findIndex(text => text.trim() === heading)
    expect(index, `a column ${heading}`).toBeGreaterThanOrEqual(0)
    return this.rows.locator(`:scope > :nth-child(${index + 1})`)
  }

  async texts(heading: string) {
    return (await (await this.column(heading)).allInnerTexts()).map(text => text.trim())
  }

  /** The customer IDs in sight, top to bottom. */
  ids() {
    return this.texts('Customer ID')
  }

  /** The moments under this heading as the reader's clock has them: `2026-11-18T09:30`. */
  async times(heading: string) {
    const times = (await this.column(heading)).locator('time')
    return times.evaluateAll(all =>
      all.map(time => {
        const at = new Date(time.getAttribute('datetime')!)
        return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
      }),
    )
  }
}

/** Waits until the page answers to more than links and forms. Without JavaScript there is nothing to wait for. */
export async function hydrated(page: Page) {
  if (test.info().project.use.javaScriptEnabled !== false) {
    await page.locator('html[data-hydrated]').waitFor()
  }
}

/** The number that a text begins with, grouped as people write it. */
export function parseNumber(text: string) {
  return Number(text.replaceAll(',', '').match(/^\d+/)?.[0])
}
