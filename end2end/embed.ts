import { join } from 'node:path'
import type { APIRequestContext, Browser, Page } from '@playwright/test'
import { Channel, stamp } from './channel'
import { demo, signIn, test as base } from './fixtures'
import { HostServer, type Feature, type Kind, type User } from './hosts/server'
import { Gate } from './embed.gate'
import { Widget, type Mode } from './embed.widget'

export { Channel, stamp } from './channel'
export { expect, expectAccessible, listen, signIn } from './fixtures'
export { kinds, minimumPolicy, type Feature, type User } from './hosts/server'
export { everythingIn, focused, heard, modes, putElements, Widget, type ClienteleElement, type Mode } from './embed.widget'

/** A user of the larger console who is an admin of Clientele, and sees all customers. */
export const boss: User = { login: demo.admin, role: 'admin' }
/** Users who see the customers that they have served. */
export const ana: User = { login: demo.agent, role: 'agent' }
export const ben: User = { login: demo.admin, role: 'agent' }
/** Parts that a page can style while a list is shown. */
export const parts = ['root', 'toolbar', 'search', 'list', 'row']
export const allFeatures: Feature[] = ['list', 'edit', 'tags', 'callback', 'blacklist']

/** An embed key: its ID, and the text that a back end sends. */
export type Key = { id: string; text: string }

/** Workers that may run at a time. Each serves its pages at ports of its own. */
const MAX_WORKERS = 8
/** Offsets from the port of Clientele to those of the pages: of a host on the list, of one that is not. */
const OFFSETS = { listed: 10, unlisted: 20 }

/** The admin of Clientele, who acts through the server functions of the settings page. */
export class Admin {
  private readonly api: APIRequestContext
  private readonly origins: string[]

  /** `port` is that of Clientele. The origins of the hosts of all workers are on the list, so that workers do not disturb each other. */
  constructor(api: APIRequestContext, port: number) {
    this.api = api
    this.origins = Array.from({ length: MAX_WORKERS }, (_, place) => `http://127.0.0.1:${port + OFFSETS.listed + place}`)
  }

  private async call(path: string, data: object) {
    const answer = await this.api.post(`/api/embedding/${path}`, { data })
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
    return answer
  }

  async createKey(name: string): Promise<Key> {
    const text = (await (await this.call('create_key', { name })).json()) as string
    return { id: text.split('_')[1]!, text }
  }

  async revokeKey(id: string) {
    await this.call('revoke_key', { id })
  }

  /** Allows the origins of the hosts, and these, to embed. */
  async allow(more: string[] = []) {
    await this.call('origins', { add: [...this.origins, ...more], remove: [] })
  }

  async forbid(origin: string) {
    await this.call('origins', { add: [], remove: [origin] })
  }
}

/** A customer of a test. `made` is when it was created, in milliseconds since 1970. */
export type Made = { id: string; key: number; name: string; made: number }

type Fixtures = {
  /** An admin with the standalone console, in another browser. */
  office: Page
  /** The channel by which the customers of the test write. */
  shop: Channel
  /** The larger console, with its user signed in as `boss`. */
  host: HostServer
  /** A larger console whose origin is not on the list. */
  stranger: HostServer
  /** A proxy in front of Clientele, from which the pages of `host` load it. */
  gate: Gate
  /** Opens a page of `host` with the element. */
  embed: (kind?: Kind, mode?: Mode, parameters?: Record<string, string>) => Promise<Widget>
  /** Makes a customer. */
  make: (nickname: string, profile?: Record<string, string>) => Promise<Made>
}

type WorkerFixtures = { admin: Admin; key: Key; harbour: HostServer; unlisted: HostServer }

/** Starts the larger console of a worker at a port of its own. */
function startHost(clientele: string, key: Key, offset: number, worker: number) {
  const folder = join(import.meta.dirname, 'hosts')
  return new HostServer({ clientele, key: key.text, folder }).start(Number(new URL(clientele).port) + offset + worker)
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  admin: [
    async ({ playwright }, use, { project }) => {
      const api = await playwright.request.newContext({ baseURL: project.use.baseURL })
      // Attempts to sign in are limited, so each worker does it once.
      const answer = await api.post('/api/session/again', { data: { login: demo.admin, password: demo.password } })
      if (!answer.ok()) throw new Error(`the admin cannot sign in: ${answer.status()}`)
      const admin = new Admin(api, Number(new URL(project.use.baseURL!).port))
      await admin.allow()
      await use(admin)
      await api.dispose()
    },
    { scope: 'worker' },
  ],

  key: [async ({ admin }, use) => use(await admin.createKey(`tests ${stamp()}`)), { scope: 'worker' }],

  harbour: [
    async ({ key }, use, { project, parallelIndex }) => {
      const host = await startHost(project.use.baseURL!, key, OFFSETS.listed, parallelIndex)
      await use(host)
      await host.stop()
    },
    { scope: 'worker' },
  ],

  unlisted: [
    async ({ key }, use, { project, parallelIndex }) => {
      const host = await startHost(project.use.baseURL!, key, OFFSETS.unlisted, parallelIndex)
      await use(host)
      await host.stop()
    },
    { scope: 'worker' },
  ],

  office: async ({ browser, baseURL }, use) => {
    const context = await browser.newContext({ baseURL })
    const page = await context.newPage()
    await signIn(page, 'admin')
    await use(page)
    await context.close()
  },

  shop: async ({ office }, use) => use(await Channel.open(office)),

  host: async ({ harbour, key }, use) => {
    harbour.reset()
    harbour.key = key.text
    harbour.user = boss
    await use(harbour)
  },

  stranger: async ({ unlisted, key }, use) => {
    unlisted.reset()
    unlisted.key = key.text
    unlisted.user = boss
    await use(unlisted)
  },

  gate: async ({ host, baseURL }, use) => {
    const gate = await new Gate(new URL(baseURL!)).start()
    host.through(gate.origin)
    await use(gate)
    await gate.stop()
  },

  embed: async ({ page, host }, use) => {
    await use(async (kind = 'plain', mode = 'element', parameters = {}) => {
      await page.goto(host.url(kind, { mode, filters: '{"period":"all"}', ...parameters }))
      return new Widget(page, mode)
    })
  },

  make: async ({ shop }, use) => {
    await use(async (nickname, profile) => {
      const id = `embed_${stamp()}`
      await shop.write(id, `hello from ${nickname}`, { nickname, profile })
      return { id, key: await shop.keyOf(id), name: nickname, made: Date.now() }
    })
  },
})

/** Opens the standalone console in another browser, signed in as an agent. */
export async function colleague(browser: Browser, baseURL: string, who: 'admin' | 'agent') {
  const context = await browser.newContext({ baseURL })
  const page = await context.newPage()
  await signIn(page, who)
  return page
}

/** Accepts the waiting conversation of customers, which makes the agent of the page see them. */
export async function serve(agent: Page, customers: Made[]) {
  for (const { key } of customers) {
    const answer = await agent.request.post('/api/desk/accept', { data: { key } })
    if (!answer.ok()) throw new Error(`accept: ${answer.status()} ${await answer.text()}`)
  }
}
