import type { Page } from '@playwright/test'
import { ana, ben, boss, colleague, everythingIn, expect, serve, test, type Made, type Widget } from '../embed'


// The session: who is signed in to the page around the element, how tokens are renewed, and how it ends.
test.describe.configure({ timeout: 90_000 })
// Requests fail on purpose, and streams are cut.
test.use({ expectedOnConsole: /Failed to load resource|net::ERR|CORS policy/ })

/** Makes customers and lets an agent serve them. */
async function served(make: (name: string) => Promise<Made>, agent: Page, names: string[]) {
  const customers: Made[] = []
  for (const name of names) customers.push(await make(name))
  await serve(agent, customers)
  return customers
}

/** Requests of the widget, without its event stream. */
const CALL = /\/api\//

/** Clears the search box and expects a list that answers. */
async function expectToAnswer(widget: Widget) {
  await widget.search.fill('')
  await expect.poll(() => widget.total()).toBeGreaterThan(1)
}

test.describe('another agent', () => {
  test('signs in after logout(): nothing of the first one remains', async ({ embed, gate, host, make, office, browser, baseURL, page }) => {
    const desk = await colleague(browser, baseURL!, 'agent')
    const own = await served(make, desk, ['Ana One', 'Ana Two', 'Ana Three'])
    const theirs = await served(make, office, ['Ben Four', 'Ben Five', 'Ben Six'])
    await desk.context().close()
    host.user = ana
    const widget = await embed()
    await widget.ready()
    await widget.find(own[1]!.id, 1)
    await widget.names.first().click()
    await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
    await widget.field('Company').fill('a draft of Ana')
    await expect.poll(() => everythingIn(page)).toContain('a draft of Ana')
    // A request of Ana is still under way when she leaves.
    gate.faults.push({ path: /\/api\/customers/, delay: 2_000 })
    await widget.search.fill('Ana')
    await expect.poll(() => gate.seen.some(({ what }) => what.includes('Ana'))).toBe(true)

    host.user = ben
    await widget.use('Log out')
    const traces = /Ana (One|Two|Three)|a draft of Ana|embed_/
    // One second is the rule. A busy machine may take that long to look.
    await expect.poll(() => everythingIn(page), { timeout: 3_000 }).not.toMatch(traces)
    await expect.poll(() => gate.streams, { timeout: 3_000 }).toBe(0)
    await page.waitForTimeout(2_500)
    expect(await everythingIn(page)).not.toMatch(traces)

    gate.faults.length = 0
    const before = gate.seen.length
    await widget.use('Sign in again')
    await expect(widget.names.filter({ hasText: 'Ben Four' })).toBeVisible({ timeout: 20_000 })
    expect(await everythingIn(page)).not.toMatch(/Ana (One|Two|Three)|a draft of Ana/)
    const tokens = new Set(gate.seen.slice(before).flatMap(({ token }) => token || []))
    expect([...tokens]).toEqual([host.minted.at(-1)!.token])
    await expect.poll(() => gate.listening).toEqual([...tokens])
    for (const customer of theirs) {
      await widget.openCustomer(customer.key)
      await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
    }
    await widget.openCustomer(own[1]!.key)
    await expect(widget.pane.getByRole('heading', { name: 'Customer not found' })).toBeVisible()
  })

  test('is refused without logout()', async ({ embed, gate, host, make, browser, baseURL, page, office }) => {
    const desk = await colleague(browser, baseURL!, 'agent')
    const [own] = await served(make, desk, ['Ana Alone'])
    await served(make, office, ['Ben Alone'])
    await desk.context().close()
    host.user = ana
    const widget = await embed()
    await widget.ready()
    host.user = ben
    gate.expire(host.minted.map(({ token }) => token))
    await widget.use('Refresh')
    await widget.expectEvent('session-expired', { reason: 'other-agent' })
    const notice = widget.root.getByRole('alert').filter({ hasText: 'another agent' })
    await expect(notice).toBeVisible()
    // Neither customers of the one who is there now, nor of the one before.
    expect(await everythingIn(page)).not.toMatch(/Ben Alone|Ana Alone/)
    // The page around it corrects its mistake.
    host.user = ana
    // The widget may have tried again by itself meanwhile, and then the notice is gone.
    await widget.root.getByRole('button', { name: 'Try again' }).click({ timeout: 3_000 }).catch(() => {})
    await expect(notice).toBeHidden()
    await widget.find(own!.id, 1)
    await expect(widget.heard('session-expired')).toHaveCount(1)
  })
})

test('in a frame, nothing of the first agent remains after logout() either', async ({ embed, host, make, browser, baseURL, office }) => {
  const desk = await colleague(browser, baseURL!, 'agent')
  const [own] = await served(make, desk, ['Ana In A Frame'])
  const [other] = await served(make, office, ['Ben In A Frame'])
  await desk.context().close()
  host.user = ana
  const widget = await embed('plain', 'frame')
  await widget.ready()
  await widget.openCustomer(own!.key)
  await expect(widget.pane.getByRole('heading', { name: own!.name })).toBeVisible()
  host.user = ben
  await widget.use('Log out')
  await expect(widget.root.getByText(own!.name)).toHaveCount(0, { timeout: 3_000 })
  await widget.use('Sign in again')
  await expect(widget.names.filter({ hasText: other!.name })).toBeVisible({ timeout: 20_000 })
  await expect(widget.root.getByText(own!.name)).toHaveCount(0)
})

for (const minutes of [-5, 5]) {
  test(`a clock that is ${Math.abs(minutes)} minutes ${minutes < 0 ? 'slow' : 'fast'} changes nothing`, async ({ embed, host, page }) => {
    await page.clock.install({ time: Date.now() + minutes * 60_000 })
    const widget = await embed()
    await widget.ready()
    await widget.find('no customer has this name', 0)
    expect(host.asked).toBe(1)
    await page.clock.fastForward('04:59')
    await expectToAnswer(widget)
    await expect.poll(() => host.asked).toBe(2)
    await expect(widget.heard('session-expired')).toHaveCount(0)
  })
}

test('after sleep it renews the token first, then reconnects', async ({ embed, gate, host, page, make }) => {
  const customer = await make('Awake Again')
  await page.clock.install()
  const widget = await embed()
  await widget.ready()
  await widget.find(customer.id, 1)
  const slept = [...host.minted]
  gate.expire(slept.map(({ token }) => token))
  const before = gate.seen.length
  await page.clock.fastForward('35:00')
  gate.cut()
  await expect.poll(() => host.minted.length).toBe(slept.length + 1)
  await expect.poll(() => gate.listening, { timeout: 10_000 }).toEqual([host.minted.at(-1)!.token])
  expect(gate.seen.slice(before).filter(({ token }) => slept.some(old => old.token === token))).toEqual([])
  await expectToAnswer(widget)
  expect(host.minted.length).toBe(slept.length + 1)
  await expect(widget.heard('session-expired')).toHaveCount(0)
})

test('ten requests with an expired token renew it once, and all are repeated', async ({ embed, gate, host, make }) => {
  const customers = [await make('Ten Requests One'), await make('Ten Requests Two')]
  const widget = await embed()
  await widget.ready()
  const asked = host.asked
  const old = host.minted.map(({ token }) => token)
  gate.expire(old)
  host.faults.push({ kind: 'delay', milliseconds: 500, times: 1 })
  await widget.element.evaluate((element, keys) => {
    const methods = element as unknown as { refresh(): void; openCustomer(key: number | null): void }
    for (let round = 0; round < 5; round++) {
      methods.refresh()
      methods.openCustomer(keys[round % 2] ?? null)
    }
  }, customers.map(({ key }) => key))
  await expect(widget.pane.getByRole('heading', { name: customers[0]!.name })).toBeVisible()
  await widget.find(customers[1]!.id, 1)
  expect(host.asked).toBe(asked + 1)
  await expect(widget.heard('session-expired')).toHaveCount(0)
})

test('a change whose token has expired is repeated once', async ({ embed, gate, host, make, office }) => {
  const customer = await make('Changed Once')
  const widget = await embed('plain', 'element', { 'customer-id': String(customer.key) })
  await widget.ready()
  gate.expire(host.minted.map(({ token }) => token))
  await widget.edit('Company', 'Saved Once')
  const query = new URLSearchParams({ mode: 'admin', key: String(customer.key), field: 'company' })
  const history = (await (await office.request.get(`/api/customers/history?${query}`)).json()) as { after: string }[]
  expect(history.map(({ after }) => after)).toEqual(['Saved Once'])
})

test('a back end that fails twice is asked again', async ({ embed, gate, host, make }) => {
  const customer = await make('Third Time')
  const widget = await embed()
  await widget.ready()
  gate.expire(host.minted.map(({ token }) => token))
  host.faults.push({ kind: 'fail', times: 2 })
  await widget.search.fill(customer.id)
  await expect(widget.names).toHaveText([customer.name], { timeout: 20_000 })
  await expect(widget.heard('session-expired')).toHaveCount(0)
})

const useless = { expired: 'ended tokens', stale: 'the same token again', fail: 'no token' } as const

for (const [kind, given] of Object.entries(useless) as [keyof typeof useless, string][]) {
  test(`a back end that gives ${given}: the session ends once, and what was typed stays`, async ({ embed, gate, host, make, page }) => {
    const customer = await make('Draft Is Kept')
    const widget = await embed('plain', 'element', { 'customer-id': String(customer.key) })
    await widget.ready()
    await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
    await widget.field('Company').fill('typed before the end')
    gate.expire(host.minted.map(({ token }) => token))
    host.faults.push({ kind })
    await widget.use('Refresh')
    await expect(widget.heard('session-expired')).toHaveCount(1, { timeout: 30_000 })
    await expect(widget.over).toBeVisible()
    for (let time = 0; time < 3; time++) await page.keyboard.press('Escape')
    await expect(widget.over).toBeVisible()
    const [asked, requests] = [host.asked, gate.count(CALL)]
    await page.waitForTimeout(3_000)
    expect(host.asked - asked).toBeLessThanOrEqual(1)
    expect(gate.count(CALL) - requests).toBeLessThanOrEqual(2)
    await expect(widget.heard('session-expired')).toHaveCount(1)

    host.faults.length = 0
    await widget.over.getByRole('button', { name: 'Try again' }).click()
    await expect(widget.over).toBeHidden()
    await expect(widget.field('Company')).toHaveValue('typed before the end')
    await widget.field('Company').press('Enter')
    await expect(widget.pane.getByText('typed before the end', { exact: true })).toBeVisible()
    await expect.poll(() => gate.streams).toBe(1)
  })
}

test('a callback that never settles ends the session instead of waiting for ever', async ({ embed, gate, host, page }) => {
  await page.clock.install()
  const widget = await embed()
  await widget.ready()
  gate.expire(host.minted.map(({ token }) => token))
  host.faults.push({ kind: 'hang' })
  await widget.use('Refresh')
  await expect(async () => {
    await page.clock.fastForward('00:20')
    await expect(widget.heard('session-expired')).toHaveCount(1, { timeout: 500 })
  }).toPass({ timeout: 30_000 })
  host.faults.length = 0
  await widget.over.getByRole('button', { name: 'Try again' }).click()
  await expect(widget.over).toBeHidden()
})

test('while the stream cannot be opened the page says so, and afterwards it is current within two seconds', async ({ embed, gate, make }) => {
  const widget = await embed()
  await widget.ready()
  await expect.poll(() => gate.streams).toBe(1)
  gate.faults.push({ path: /^\/events/, status: 502 })
  gate.cut()
  await expect(widget.root.getByText('Connection lost.')).toBeVisible()
  const customer = await make('Came Meanwhile')
  gate.faults.length = 0
  const arrived = widget.root.getByRole('button', { name: /new$/ })
  await expect(arrived).toBeVisible({ timeout: 2_500 })
  await arrived.click()
  await expect(widget.names.filter({ hasText: customer.name })).toBeVisible()
  await expect(widget.heard('session-expired')).toHaveCount(0)
})

test('a revoked token ends the session of every mode at once', async ({ embed, host, page }) => {
  for (const mode of ['element', 'frame'] as const) {
    const widget = await embed('plain', mode)
    await widget.ready()
    host.user = null
    await host.revoke(host.minted.at(-1)!.token)
    await expect(widget.heard('session-expired')).toHaveText(['session-expired {"reason":"token"}'], { timeout: 5_000 })
    // The page around it stays where it is.
    expect(new URL(page.url()).origin).toBe(host.origin)
    host.user = boss
  }
})
