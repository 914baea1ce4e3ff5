import { createHmac } from 'node:crypto'
import { expect, type Page } from '@playwright/test'

/** Text that no other test uses. */
export const stamp = () => Date.now().toString(36) + Math.floor(Math.random() * 1000)

/** What a channel may say beside a message. */
export type Beside = { nickname?: string; profile?: Record<string, string>; visitor?: Record<string, string>; at?: number }

/** Customers who write through a channel of their own, and what an admin's session does to them. */
export class Channel {
  private readonly page: Page
  private readonly key: { id: string; secret: string }
  private sent = 0

  private constructor(page: Page, key: { id: string; secret: string }) {
    this.page = page
    this.key = key
  }

  /** Makes a channel; the page is signed in as an admin. */
  static async open(page: Page, channel: 'app' | 'web' = 'app') {
    const made = await page.request.post('/api/channels/create', { data: { channel, name: `test ${stamp()}` } })
    expect(made.status()).toBe(200)
    return new Channel(page, await made.json())
  }

  private async post(path: string, body: unknown) {
    const data = JSON.stringify(body)
    const at = String(Date.now())
    const signature = createHmac('sha256', this.key.secret).update(`${at}\nPOST\n${path}\n${data}`).digest('hex')
    const headers = { 'clientele-key': this.key.id, 'clientele-timestamp': at, 'clientele-signature': signature }
    const answer = await this.page.request.post(path, { data, headers })
    expect(Math.floor(answer.status() / 100), await answer.text()).toBe(2)
  }

  /** A message; its id. */
  async write(customer: string, text: string, { nickname, profile, ...beside }: Beside = {}) {
    const id = `${customer} ${this.sent++} ${stamp()}`
    const said = { ...profile, ...(nickname === undefined ? {} : { nickname }) }
    await this.post('/api/v1/messages', { id, customer, text, profile: said, ...beside })
    return id
  }

  rate(customer: string, message: string, stars: number, comment = '') {
    return this.post(`/api/v1/customers/${encodeURIComponent(customer)}/rating`, { message, stars, comment })
  }

  /** The number of a customer in URLs. */
  async keyOf(customer: string): Promise<number> {
    const query = new URLSearchParams({ mode: 'admin', query: `period=all&q=${encodeURIComponent(customer)}`, start: '' })
    const found = await (await this.page.request.get(`/api/customers?${query}`)).json()
    return found.rows[0].row.key
  }

  /** What an agent does at the desk: `accept`, `end`, `reply`. */
  async desk(what: string, key: number, more: object = {}) {
    const answer = await this.page.request.post(`/api/desk/${what}`, { data: { key, ...more } })
    expect(answer.status()).toBe(200)
  }

  reply(key: number, text: string) {
    return this.desk('reply', key, { text, request: stamp() })
  }

  async callBack(key: number) {
    const data = { mode: 'admin', key, request: stamp() }
    expect((await this.page.request.post('/api/customers/callback', { data })).status()).toBe(200)
  }
}

/** The elements that stick out of the window to a side. */
export function overflow(page: Page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const wide = document.documentElement.scrollWidth > width ? ['the page'] : []
    const within = [...document.querySelectorAll('.detail, .desk-list, .desk-thread, .toolbar, .dialog[open], .toasts, .reader')]
    const scrolls = within.filter(element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
    return [...wide, ...scrolls.map(element => element.className)]
  })
}
