import { expect, test, type Locator, type Page } from '@playwright/test'

/** Page object of the Customers page. Locators use roles and labels, so a changed label needs an update only here. */
export class Customers {
  readonly page: Page
  readonly path: string
  readonly table: Locator
  /** The rendered customer rows. */
  readonly rows: Locator
  readonly names: Locator
  /** The total number of customers, including those that are not rendered. */
  readonly count: Locator
  readonly search: Locator
  /** The active filters, each a link that removes it. */
  readonly chips: Locator
  /** The message and the suggestions of an empty result. */
  readonly empty: Locator
  /** The button that opens the Sort panel. */
  readonly sort: Locator
  /** The form of the Sort panel. */
  readonly panel: Locator

  constructor(page: Page, path: '/customers' | '/admin/customers') {
    this.page = page
    this.path = path
    this.table = page.getByRole('table', { name: 'Customers' })
    // The heading row and rows that are still loading have no cells.
    this.rows = this.table.getByRole('row').filter({ has: page.getByRole('cell') })
    this.names = this.table.getByRole('rowheader').getByRole('link')
    // The Sort panel has a count of its own, for the result of its conditions.
    this.count = page.getByRole('status').filter({ hasText: /^[\d,]+ customers?/ }).last()
    this.search = page.getByRole('searchbox', { name: 'Search ID, name, phone, email' })
    this.chips = page.getByRole('list', { name: 'Active filters' }).getByRole('link')
    this.empty = page.getByRole('status').filter({ has: page.getByRole('heading') })
    // A summary element has no role.
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

  /** The button that applies the Sort panel. */
  get apply() {
    return this.panel.getByRole('button', { name: 'Sort', exact: true })
  }

  get reset() {
    return this.panel.getByRole('link', { name: 'Reset' })
  }

  chip(name: string) {
    return this.chips.filter({ hasText: name })
  }

  /** Returns the row of the customer with this ID. */
  row(id: string) {
    return this.rows.filter({ has: this.page.getByRole('cell', { name: id, exact: true }) })
  }

  async total() {
    return parseNumber(await this.count.innerText())
  }

  async expectTotal(total: number) {
    await expect(this.count).toHaveText(new RegExp(`^${total.toLocaleString('en-US')} customers?`))
  }

  /** Returns the texts of the rendered cells of this column. */
  async column(heading: string) {
    const headings = await this.table.getByRole('columnheader').allInnerTexts()
    const index = headings.findIndex(text => text.trim() === heading)
    expect(index, `a column ${heading}`).toBeGreaterThanOrEqual(0)
    return this.rows.locator(`:scope > :nth-child(${index + 1})`)
  }

  async texts(heading: string) {
    return (await (await this.column(heading)).allInnerTexts()).map(text => text.trim())
  }

  /** Returns the rendered customer IDs, top to bottom. */
  ids() {
    return this.texts('Customer ID')
  }

  /** Returns the times of this column in the browser's time zone: `2026-11-18T09:30`. */
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

/** Waits until the page is hydrated. Returns immediately without JavaScript. */
export async function hydrated(page: Page) {
  if (test.info().project.use.javaScriptEnabled !== false) {
    await page.locator('html[data-hydrated]').waitFor()
  }
}

/** Parses the number at the start of a text, with commas between thousands. */
export function parseNumber(text: string) {
  return Number(text.replaceAll(',', '').match(/^\d+/)?.[0])
}
