import type { Page } from '@playwright/test'
import { Channel } from './channel'
import { test as base } from './fixtures'
import { FaultyProxy } from './proxy'

/** Tests with a proxy in front of the server that can be told to fail. */
export const test = base.extend<{ faulty: FaultyProxy }>({
  faulty: async ({ baseURL }, use) => {
    const faulty = await new FaultyProxy(new URL(baseURL!)).start()
    await use(faulty)
    await faulty.stop()
  },
  // Browsers report failed requests on the console. Here they are caused on purpose.
  expectedOnConsole: /Failed to load resource|EventSource/,
})

/** Returns a function that delivers messages of new customers. */
export async function channel(page: Page) {
  const channel = await Channel.open(page)
  return (customer: string, nickname: string, text = 'hello') => channel.write(customer, text, { nickname })
}
