import { expect, type Browser, type Locator, type Page } from '@playwright/test'
import { signIn, test as base } from './fixtures'
import { FaultyProxy } from './proxy'

/** Page object of the visitors' page. */
export class Chat {
  readonly page: Page
  readonly log: Locator
  readonly messages: Locator
  readonly text: Locator
  readonly send: Locator
  readonly note: Locator
  readonly rating: Locator
  readonly comment: Locator

  constructor(page: Page) {
    this.page = page
    this.log = page.getByRole('log', { name: 'Messages' })
    this.messages = this.log.locator('> div > p:last-child')
    this.text = page.getByPlaceholder('Write a message')
    this.send = page.locator('#send')
    this.note = page.locator('#note')
    this.rating = page.locator('#rating')
    this.comment = page.getByLabel('Comment')
  }

  /** Opens the page and waits until its script has started. */
  async open(origin = '') {
    await this.page.goto(`${origin}/chat`)
    await expect(this.page.locator('main[data-live]')).toBeVisible()
    return this
  }

  /** Sends the first message under a name by which the agent can find the visitor. */
  async introduce(name: string, text = 'hello') {
    await this.page.getByLabel('Your name').fill(name)
    await this.write(text)
  }

  async write(text: string) {
    await this.text.fill(text)
    await this.text.press('Enter')
    await expect(this.text).toHaveValue('')
  }

  async says(texts: string[], timeout?: number) {
    await expect(this.messages).toHaveText(texts, { timeout })
  }
}

/** The agent on the other side, who acts through the API only. */
export class Agent {
  private readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  private async post(path: string, data: object) {
    const answer = await this.page.request.post(`/api/${path}`, { data })
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200)
  }

  /** Returns the keys of the customers with this name. */
  async find(name: string): Promise<number[]> {
    const query = new URLSearchParams({ mode: 'admin', query: `period=all&q=${encodeURIComponent(name)}`, start: '' })
    const found = await (await this.page.request.get(`/api/customers?${query}`)).json()
    return found.rows.map(({ row }: { row: { key: number } }) => row.key)
  }

  async accept(name: string) {
    const [key] = await this.find(name)
    await this.post('desk/accept', { key })
    return key!
  }

  reply(key: number, text: string) {
    return this.post('desk/reply', { key, text, request: stamp() })
  }

  end(key: number) {
    return this.post('desk/end', { key })
  }

  callBack(key: number) {
    return this.post('customers/callback', { mode: 'admin', key, request: stamp() })
  }

  /** Returns state and comment of the conversations of a customer, oldest first. */
  async conversations(key: number) {
    const answer = await this.page.request.get(`/api/customers/conversations?mode=admin&key=${key}&before=0`)
    const { conversations } = (await answer.json()) as { conversations: { state: string; rating?: { comment: string } }[] }
    return conversations.map(({ state, rating }) => [state, rating?.comment ?? null]).reverse()
  }
}

export const stamp = () => Date.now().toString(36) + Math.floor(Math.random() * 1e6).toString(36)

export const test = base.extend<{ faulty: FaultyProxy; chat: Chat; agent: Agent }>({
  // Browsers report failed requests on the console. Here they are caused on purpose.
  expectedOnConsole: /Failed to load resource|net::ERR/,
  faulty: async ({ baseURL }, use) => {
    const faulty = await new FaultyProxy(new URL(baseURL!)).start()
    await use(faulty)
    await faulty.stop()
  },
  chat: async ({ page }, use) => use(new Chat(page)),
  agent: async ({ browser, baseURL }, use) => {
    const context = await browser.newContext({ baseURL, javaScriptEnabled: true })
    const page = await context.newPage()
    await signIn(page, 'admin')
    await use(new Agent(page))
    await context.close()
  },
})

export { expect, type Browser }
