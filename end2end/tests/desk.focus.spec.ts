import type { Page } from '@playwright/test'
import { Channel, stamp } from '../channel'
import { expect, hydrated, signIn, test } from '../fixtures'

// A row of the conversations list keeps the keyboard focus while the list changes around it. Browsers take the focus from an element
// that is moved in the document.

const item = (page: Page, key: number) => page.locator(`.desk-item[href="/conversations/${key}"]`)

/** Creates waiting conversations and returns the keys of their customers. */
async function waiting(channel: Channel, name: string, count: number) {
  const keys: number[] = []
  for (let number = 1; number <= count; number++) {
    await channel.write(`${name}_${number}`, 'hello', { nickname: `${name}_${number}` })
    keys.push(await channel.keyOf(`${name}_${number}`))
  }
  return keys
}

async function desk(page: Page) {
  await page.goto('/conversations')
  await hydrated(page)
}

test('a focused row keeps the focus when rows are reordered, added and removed', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const keys = await waiting(channel, `move_${stamp()}`, 4)
  type Desk = { waiting: { customer: number }[] }
  const real = (await (await page.request.get('/api/desk?most=1000&newest=true')).json()) as Desk
  const entries = keys.map(key => real.waiting.find(({ customer }) => customer === key)!)
  // Other tests write meanwhile, so the responses are fixed: the entries in the order of `places`, sent when `arrived` resolves.
  let places = [0, 1, 2]
  let arrived = Promise.resolve()
  await desk(page)
  await page.route(/\/api\/desk\?/, async route => {
    await arrived
    const waiting = places.map(place => entries[place])
    await route.fulfill({ json: { waiting, total_waiting: waiting.length, own: [] } }).catch(() => {})
  })
  const turn = page.getByRole('button', { name: 'Newest first' })
  const order = () => page.locator('.desk-item').evaluateAll(rows => rows.map(row => Number(row.getAttribute('href')!.split('/').at(-1))))
  await turn.click()
  await expect.poll(order).toEqual(places.map(place => keys[place]))

  for (const [focused, next] of [
    [0, [2, 1, 0]],
    [2, [0, 1, 2]],
    // A row above is removed and one below is added.
    [1, [1, 2, 3]],
    [2, [2, 1, 0, 3]],
    [3, [3, 0]],
  ] as const) {
    let arrive = () => {}
    arrived = new Promise<void>(resolve => (arrive = resolve))
    places = [...next]
    await turn.click()
    const row = item(page, keys[focused]!)
    await row.focus()
    arrive()
    await expect.poll(order).toEqual(places.map(place => keys[place]))
    await expect(row).toBeFocused()
  }
  // The focus does not return to a row that the user has left.
  let arrive = () => {}
  arrived = new Promise<void>(resolve => (arrive = resolve))
  places = [0, 3]
  await turn.click()
  await item(page, keys[3]!).focus()
  await turn.focus()
  arrive()
  await expect.poll(order).toEqual([keys[0], keys[3]])
  await expect(turn).toBeFocused()

  await page.unroute(/\/api\/desk\?/)
  for (const key of keys) {
    await channel.desk('accept', key)
    await channel.desk('end', key)
  }
})

test('a row of the list keeps the focus while others appear and disappear', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const name = `line_${stamp()}`
  const keys = await waiting(channel, name, 3)
  await desk(page)
  await page.getByRole('button', { name: 'Newest first' }).click()
  const second = item(page, keys[1]!)
  await second.focus()
  // The rows above and below disappear, and another appears.
  await channel.desk('accept', keys[2]!)
  await channel.desk('accept', keys[0]!)
  await channel.desk('end', keys[0]!)
  await channel.write(`${name}_4`, 'hello', { nickname: `${name}_4` })
  await expect(page.getByRole('list', { name: 'Waiting' }).getByRole('link', { name: `${name}_4` })).toBeVisible()
  await expect(item(page, keys[0]!)).toHaveCount(0)
  await expect(second).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/conversations/${keys[1]}$`))
  for (const key of [keys[1]!, await channel.keyOf(`${name}_4`)]) await channel.desk('accept', key)
  for (const key of [keys[1]!, keys[2]!, await channel.keyOf(`${name}_4`)]) await channel.desk('end', key)
})
