import type { Page } from '@playwright/test'
import { Customers, expect, hydrated, signIn } from '../fixtures'
import { Channel } from '../channel'
import { test } from '../faulty'
import type { Fault } from '../proxy'

// A random agent's day: searching, reading, editing, tagging and replying, while customers write and the network fails at random.
// At the end the page equals the state of the server, and no typed text is lost or duplicated.
//
//   DAY_MINUTES=30 DAY_SEED=7 npx playwright test day --project faults

const minutes = Number(process.env.DAY_MINUTES ?? 0.75)
const seed = Number(process.env.DAY_SEED ?? 1)

// The messages of all faults that may be chosen.
test.use({ expectedOnConsole: /Failed to load resource|EventSource|net::ERR/ })

/** Reproducible random numbers: mulberry32. */
function dice(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return { below: (end: number) => Math.floor(next() * end), of: <T>(all: readonly T[]) => all[Math.floor(next() * all.length)]! }
}

const faults: (() => Fault)[] = [
  () => ({ path: /^\/api\/customers/, delay: 700 }),
  () => ({ path: /^\/api\/customers\?/, status: 503 }),
  () => ({ path: /^\/api\//, delay: 1_200 }),
  () => ({ path: /^\/api\/(desk|customers)/, abort: true }),
  () => ({ path: /^\/api\/desk/, status: 502 }),
  () => ({ path: /^\/events/, status: 502 }),
  () => ({ path: /^\/events/, abort: true }),
  // The change is made, but the response is lost.
  () => ({ path: /^\/api\/(desk\/reply|customers\/profile|customers\/tag)/, method: 'POST', lose: true }),
]

type Customer = { id: string; name: string; key: number }

test('at the end of the day the page equals the server', async ({ page, faulty }) => {
  test.setTimeout(minutes * 60_000 + 120_000)
  await signIn(page, 'admin')
  const { below, of } = dice(seed)
  const stamp = `Day${Date.now().toString(36)}`
  const channel = await Channel.open(page)
  let written = 0
  const write = (id: string, nickname: string) => channel.write(id, `message ${written++}`, { nickname })
  const query = `period=all&q=${stamp}`
  const all: Customer[] = []
  const read = async <T>(path: string) => (await (await page.request.get(path)).json()) as T
  const learn = async () => {
    const part = await read<{ rows: { row: { id: string; nickname: string; key: number } }[] }>(
      `/api/customers?${new URLSearchParams({ mode: 'admin', query, start: '' })}`,
    )
    for (const { row } of part.rows) {
      if (!all.some(known => known.key === row.key)) all.push({ id: row.id, name: row.nickname, key: row.key })
    }
  }
  for (let number = 0; number < 20; number++) await write(`${stamp}-${number}`, `${stamp} ${number}`)
  await learn()

  const customers = new Customers(page, '/admin/customers')
  const panel = page.getByRole('complementary', { name: 'Customer' })
  /** The replies in the order they were typed, and whether they were accepted. */
  const replies: { key: number; text: string; taken: boolean }[] = []
  const quick = { timeout: 1_500 }
  const list = async () => {
    await page.goto(`${faulty.origin}/admin/customers?${query}`)
    await hydrated(page)
  }
  const actions: [string, () => Promise<unknown>][] = [
    ['list', list],
    ['open', async () => customers.names.nth(below(10)).click(quick)],
    ['next', async () => page.keyboard.press(of(['[', ']', 'j', 'k', 'Escape', 'n', 'z']))],
    ['tab', async () => page.keyboard.press(of(['1', '2', '3']))],
    ['scroll', async () => page.locator('.list').evaluate((list, top) => list.scrollTo(0, top), below(2_000), quick)],
    ['tick', async () => {
      await page.keyboard.press('2')
      await panel.getByRole('checkbox').nth(below(5)).click(quick)
    }],
    ['edit', async () => {
      await page.keyboard.press('1')
      const edit = panel.getByRole('button', { name: 'Edit Company' })
      if (await edit.isVisible()) await edit.click(quick)
      const field = panel.getByRole('textbox', { name: 'Company', exact: true })
      await field.fill(`company ${below(1_000)}`, quick)
      await field.press('Enter', quick)
    }],
    ['search', async () => {
      await customers.search.fill(`${stamp} ${below(20)}`, quick)
      await page.waitForTimeout(200)
      await customers.search.fill(stamp, quick)
    }],
    ['talk', async () => {
      const { key } = of(all)
      await page.goto(`${faulty.origin}/conversations/${key}`)
      await hydrated(page)
      const accept = page.getByRole('button', { name: 'Accept' })
      if (await accept.isVisible()) await accept.click(quick)
      const reply = page.getByLabel('Reply')
      const text = `${stamp} reply ${replies.length}`
      await reply.fill(text, quick)
      const own = { key, text, taken: false }
      replies.push(own)
      for (let times = 0; times < 4 && !own.taken; times++) {
        await reply.press('Enter', quick)
        await page.waitForTimeout(700)
        own.taken = (await reply.inputValue(quick)) === ''
      }
      if (!own.taken) await reply.fill('', quick)
    }],
    ['back', async () => page.goBack(quick)],
    ['reload', async () => page.reload({ timeout: 5_000 })],
  ]
  const done = new Map<string, [number, number]>()
  await list()
  const end = Date.now() + minutes * 60_000
  while (Date.now() < end) {
    if (below(3) === 0) await write(`${stamp}-${below(30)}`, `${stamp} ${below(30)}`)
    if (below(4) === 0) {
      faulty.faults.length = 0
      if (below(2) === 0) faulty.faults.push(of(faults)())
      if (below(3) === 0) faulty.cut()
    }
    const [name, act] = of(actions)
    const counts = done.get(name) ?? [0, 0]
    done.set(name, counts)
    counts[0]++
    // A fault may hide the control of an action. Such actions are counted as failed.
    await act().catch(() => counts[1]++)
    await page.waitForTimeout(50 + below(150))
  }
  faulty.faults.length = 0
  console.log('done, of these failed:', Object.fromEntries(done))
  // Faults explain some failures, but not that hardly anything succeeds, or that one action never does.
  const counts = [...done.values()]
  const sum = (of: number[]) => of.reduce((total, one) => total + one, 0)
  expect(sum(counts.map(([, failed]) => failed))).toBeLessThan(0.75 * sum(counts.map(([times]) => times)))
  expect([...done].filter(([, [times, failed]]) => times >= 12 && failed === times).map(([name]) => name)).toEqual([])

  // Without faults, the list equals the state of the server after live updates, without a reload.
  await page.goto(`${faulty.origin}/admin/customers?${query}`)
  await hydrated(page)
  await expect(page.getByText('Connection lost')).toBeHidden({ timeout: 10_000 })
  await customers.names.first().click()
  for (let number = 0; number < 8; number++) await write(`${stamp}-${number}`, `${stamp} ${number}`)
  await write(`${stamp}-new`, `${stamp} new`)
  await page.getByRole('button', { name: /new/ }).click()
  await learn()
  await equal(page, customers, query)
  // Each accepted reply exists once, the others at most once.
  for (const { key, text, taken } of replies) {
    const said = await read<{ messages: { text: string }[] }>(
      `/api/customers/messages?${new URLSearchParams({ mode: 'admin', key: String(key), from: '0', to: '0' })}`,
    )
    const times = said.messages.filter(message => message.text === text).length
    if (taken) expect(times, text).toBe(1)
    else expect(times, text).toBeLessThanOrEqual(1)
  }
})

/** Expects the rendered rows to equal the current state of the server. */
async function equal(page: Page, customers: Customers, query: string) {
  const asked = new URLSearchParams({ mode: 'admin', query, start: '' })
  type Part = { total: number; rows: { row: { id: string; nickname: string; tags: number[] } }[] }
  await expect(async () => {
    const part = (await (await page.request.get(`/api/customers?${asked}`)).json()) as Part
    await customers.expectTotal(part.total)
    const ids = await customers.ids()
    const names = await customers.names.allInnerTexts()
    expect(ids).toEqual(part.rows.slice(0, ids.length).map(({ row }) => row.id))
    expect(names).toEqual(part.rows.slice(0, names.length).map(({ row }) => row.nickname))
  }).toPass({ timeout: 10_000 })
}
