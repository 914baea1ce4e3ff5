import { createHmac } from 'node:crypto'
import { expect, type Page } from '@playwright/test'

/** Returns a text that is unique to a test. */
export const stamp = () => Date.now().toString(36) + Math.floor(Math.random() * 1000)

/** Optional fields of a delivered message. */
export type Beside = { nickname?: string; profile?: Record<string, string>; visitor?: Record<string, string>; at?: number }

/** A channel with its own key: delivers customers' messages, and performs actions on customers with an admin's session. */
export class Channel {
  private readonly page: Page
  private readonly key: { id: string; secret: string }
  private sent = 0

  private constructor(page: Page, key: { id: string; secret: string }) {
    this.page = page
    this.key = key
  }

  /** Creates a channel key. The page must be signed in as an admin. */
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

  /** Delivers a message and returns its id. */
  async write(customer: string, text: string, { nickname, profile, ...beside }: Beside = {}) {
    const id = `${customer} ${this.sent++} ${stamp()}`
    const said = { ...profile, ...(nickname === undefined ? {} : { nickname }) }
    await this.post('/api/v1/messages', { id, customer, text, profile: said, ...beside })
    return id
  }

  rate(customer: string, message: string, stars: number, comment = '') {
    return this.post(`/api/v1/customers/${encodeURIComponent(customer)}/rating`, { message, stars, comment })
  }

  /** Returns the key of a customer, as used in URLs. */
  async keyOf(customer: string): Promise<number> {
    const query = new URLSearchParams({ mode: 'admin', query: `period=all&q=${encodeURIComponent(customer)}`, start: '' })
    const found = await (await this.page.request.get(`/api/customers?${query}`)).json()
    return found.rows[0].row.key
  }

  /** Calls an action of the conversations page: `accept`, `end`, `reply`. */
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

/** Returns the elements that are wider than their container or the window. */
export function overflow(page: Page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const wide = document.documentElement.scrollWidth > width ? ['the page'] : []
    const within = [...document.querySelectorAll('.detail, .desk-list, .desk-conversation, .toolbar, .dialog[open], .toasts, .reader')]
    const scrolls = within.filter(element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
    return [...wide, ...scrolls.map(element => element.className)]
  })
}
