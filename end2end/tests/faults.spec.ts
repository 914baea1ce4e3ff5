import { Customers, demo, expect, hydrated, signIn } from '../fixtures'
import { Channel, stamp } from '../channel'
import { channel, test } from '../faulty'

// Common failures: responses that are slow, fail, arrive twice or never, and streams that are cut. Afterwards the page must show the
// correct state, and typed text must be kept.

/** Seconds for which requests for the stream get 502. */
const outage = Number(process.env.OUTAGE ?? 6)

test('the page is current within two seconds after the stream stopped answering 502', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Reopened ${stamp()}`
  const customers = new Customers(page, '/admin/customers')
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await expect(customers.empty).toBeVisible()
  await expect.poll(() => faulty.streams).toBe(1)

  faulty.faults.push({ path: /^\/events/, status: 502 })
  faulty.cut()
  await expect(page.getByText('connection')).toBeVisible()
  await write(`id_${stamp()}`, name)
  await page.waitForTimeout(outage * 1_000)
  faulty.faults.length = 0
  await expect(page.getByRole('button', { name: /new/ })).toBeVisible({ timeout: 2_500 })
  await page.getByRole('button', { name: /new/ }).click()
  await expect(customers.names).toHaveText([name])
})

test('eight tabs share one stream and all of them are usable', async ({ page, context, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Tabs ${stamp()}`
  await write(`id_${name}`, name)
  const tabs = [page]
  while (tabs.length < 8) tabs.push(await context.newPage())
  for (const tab of tabs) {
    await tab.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
    await hydrated(tab)
    await expect(new Customers(tab, '/admin/customers').names).toHaveText([name])
  }
  expect(faulty.streams).toBe(1)
  await write(`id_${name} 2`, `${name} too`)
  for (const tab of tabs) await expect(tab.getByRole('button', { name: '1 new' })).toBeVisible()
  // The stream continues when the tab that opened it is closed.
  await tabs.shift()!.close()
  await write(`id_${name} 3`, `${name} three`)
  for (const tab of tabs) await expect(tab.getByRole('button', { name: '2 new' })).toBeVisible()
  await tabs.at(-1)!.getByRole('button', { name: '2 new' }).click()
  await expect(new Customers(tabs.at(-1)!, '/admin/customers').names).toHaveCount(3)
})

test('a part of the list that fails to load is retried, reports the error, and loads', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  await page.goto(`${faulty.origin}/admin/customers?period=all`)
  await hydrated(page)
  const list = page.locator('.list')
  await expect(page.locator('tr[aria-rowindex="10"]')).toBeVisible()
  faulty.faults.push({ path: /^\/api\/customers\?.*start=(after|row|before)/, status: 503 })
  const before = faulty.count(/GET \/api\/customers\?/)
  await list.evaluate(list => list.scrollTo(0, 20_000))
  await expect(page.getByText('Could not load more customers.')).toBeVisible()
  await page.waitForTimeout(5_000)
  expect(faulty.count(/GET \/api\/customers\?/) - before).toBeLessThanOrEqual(6)
  faulty.faults.length = 0
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('Could not load more customers.')).toBeHidden()
  await expect.poll(() => page.locator('.list-window tr.is-loading').count()).toBe(0)
})

/** Number of customers that are created while the list is read, five with each step. */
const arrivals = Number(process.env.ARRIVALS ?? 100)

test('a list that grows while it is read shows every customer once, and ends', async ({ page, faulty }) => {
  test.setTimeout(120_000 + arrivals * 1_000)
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Grow ${stamp()}`
  for (let number = 0; number < 150; number++) await write(`${name} ${number}`, `${name} ${number}`)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  const list = page.locator('.list')
  const seen = new Map<string, string>()
  const look = async () => {
    await expect.poll(() => page.locator('.list-window tr.is-loading').count()).toBe(0)
    const rows = page.locator('.list-window tr[aria-rowindex]')
    for (const [place, text] of await rows.evaluateAll(rows =>
      rows.map(row => [row.getAttribute('aria-rowindex')!, row.querySelector('th a')!.textContent!] as const),
    )) {
      const before = seen.get(place)
      expect(before ?? text, `place ${place}`).toBe(text)
      seen.set(place, text)
    }
  }
  await look()
  const before = faulty.count(/GET \/api\/customers\?/)
  for (let step = 0; step < arrivals / 5; step++) {
    for (let number = 0; number < 5; number++) await write(`${name} n${step}-${number}`, `${name} new ${step}-${number}`)
    await list.evaluate(list => list.scrollBy(0, 440))
    await look()
  }
  await list.evaluate(list => list.scrollTo(0, list.scrollHeight))
  await look()
  const names = [...seen.values()]
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter(text => !text.includes('new')).length).toBe(150)
  expect(faulty.count(/GET \/api\/customers\?/) - before).toBeLessThan(20)
  await expect(page.getByRole('button', { name: `${arrivals} new` })).toBeVisible()
  // The requests caused by the last arrivals.
  await page.waitForTimeout(1_500)
  // Requests for parts of the list only: other tests write meanwhile, which causes requests for its size.
  const rested = faulty.count(/GET \/api\/customers\?/)
  await page.waitForTimeout(1_500)
  expect(faulty.count(/GET \/api\/customers\?/) - rested).toBe(0)
})

test('after a resync the list requests only the visible rows', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Anew ${stamp()}`
  for (let number = 0; number < 120; number++) await write(`${name} ${number}`, `${name} ${number}`)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await expect.poll(() => faulty.streams).toBe(1)
  await page.locator('.list').evaluate(list => list.scrollTo(0, list.scrollHeight))
  await expect(page.locator('tr[aria-rowindex="121"]')).toBeVisible()
  const own = (await page.locator('tr[aria-rowindex="121"] a').getAttribute('href'))!.match(/customers\/(\d+)/)![1]!
  // The page receives no event for this change.
  faulty.faults.push({ path: /^\/events/, status: 502 })
  faulty.cut()
  const edit = { mode: 'admin', key: Number(own), field: 'nickname', seen: `${name} 0`, value: `${name} renamed` }
  expect((await page.request.post('/api/customers/profile', { data: edit })).status()).toBe(200)
  const before = faulty.seen.length
  faulty.faults.length = 0
  await expect.poll(() => faulty.streams).toBe(1)
  faulty.say('resync')
  await expect(page.locator('tr[aria-rowindex="121"] a')).toHaveText(`${name} renamed`)
  const asked = faulty.seen.slice(before).filter(what => what.includes('/api/customers/rows'))
  expect(asked.length).toBeGreaterThan(0)
  for (const what of asked) expect(decodeURIComponent(what).match(/keys=([\d,]*)/)![1]!.split(',').length).toBeLessThan(50)
})

test('text typed while a reply is being sent is kept, and sent once', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Typing ${stamp()}`
  await write(`id_${name}`, name)
  // Opened by its URL, because the list may show only conversations that have waited longer.
  const query = new URLSearchParams({ mode: 'admin', query: `period=all&q=${encodeURIComponent(name)}`, start: '' })
  const found = await (await page.request.get(`/api/customers?${query}`)).json()
  await page.goto(`${faulty.origin}/conversations/${found.rows[0].row.key}`)
  await hydrated(page)
  await page.getByRole('button', { name: 'Accept' }).click()
  const reply = page.getByLabel('Reply')
  faulty.faults.push({ path: /^\/api\/desk\/reply/, delay: 800 })
  await reply.fill('On its way.')
  await reply.press('Enter')
  await reply.fill('Anything else?')
  await page.waitForTimeout(1_200)
  await expect(reply).toHaveValue('Anything else?')
  faulty.faults.length = 0
  // A reload keeps it too.
  await page.reload()
  await hydrated(page)
  await expect(reply).toHaveValue('Anything else?')
  // The response is lost and the message is sent again: it must be stored once.
  faulty.faults.push({ path: /^\/api\/desk\/reply/, status: 503 })
  await reply.press('Enter')
  await expect(page.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible()
  faulty.faults.length = 0
  await reply.press('Enter')
  await expect(reply).toHaveValue('')
  const messageLog = page.getByRole('log', { name: 'Messages' })
  await expect(messageLog.getByText('Anything else?')).toHaveCount(1)
  await expect(messageLog.getByText('On its way.')).toHaveCount(1)
})

test('text appended to a reply that is being sent is sent on its own', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const customer = `behind_${stamp()}`
  await channel.write(customer, 'hello')
  await page.goto(`${faulty.origin}/conversations/${await channel.keyOf(customer)}`)
  await hydrated(page)
  await page.getByRole('button', { name: 'Accept' }).click()
  const reply = page.getByLabel('Reply')
  const said = page.getByRole('log', { name: 'Messages' }).locator('.is-agent .message-text')
  faulty.faults.push({ path: /^\/api\/desk\/reply/, delay: 800 })
  await reply.fill('Good day.')
  await reply.press('Enter')
  await reply.pressSequentially(' How can I help?')
  await reply.press('Enter')
  await expect(said).toHaveText(['Good day.', 'How can I help?'])
  await expect(reply).toHaveValue('')
  await expect(reply).toBeFocused()
})

test('a session that expires while typing is renewed in place', async ({ page, context, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Session ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await new Customers(page, '/admin/customers').names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('button', { name: 'Edit Company' }).click()
  const company = panel.getByLabel('Company', { exact: true })
  await company.fill('Half a compa')
  await context.clearCookies({ name: 'clientele' })
  await company.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Sign in again' })
  await expect(dialog).toBeVisible()
  // Browsers close a dialog that refuses it for the second time.
  for (let time = 0; time < 3; time++) await page.keyboard.press('Escape')
  await expect(dialog).toBeVisible()
  await dialog.getByLabel('Password').fill(demo.password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog).toBeHidden()
  await expect(company).toHaveValue('Half a compa')
  await company.press('Enter')
  await expect(panel.getByText('Half a compa')).toBeVisible()
})

test('Esc in a dialog closes only the dialog, and the reason is kept', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  const write = await channel(page)
  const name = `Escape ${stamp()}`
  await write(`id_${name}`, name)
  await page.goto(`${faulty.origin}/admin/customers?period=all&q=${encodeURIComponent(name)}`)
  await hydrated(page)
  await new Customers(page, '/admin/customers').names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('button', { name: 'Add to Blacklist' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add to Blacklist' })
  await dialog.getByLabel('Reason').fill('sends adverts')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(panel).toBeVisible()
  // It is kept after a reload, as after a crash of the tab.
  await page.reload()
  await hydrated(page)
  await panel.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(dialog.getByLabel('Reason')).toHaveValue('sends adverts')
})

test('a search typed before hydration is applied', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  faulty.faults.push({ path: /\.wasm/, delay: 2_000 })
  await page.goto(`${faulty.origin}/admin/customers?period=all`, { waitUntil: 'commit' })
  const search = page.getByRole('searchbox').first()
  await search.fill('wei')
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated')
  await hydrated(page)
  await expect(search).toHaveValue('wei')
  await expect(page).toHaveURL(/q=wei/)
})

test('a page that is left before a debounced search runs does nothing more', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  await page.goto(`${faulty.origin}/admin/customers?period=all`)
  await hydrated(page)
  const customers = new Customers(page, '/admin/customers')
  await customers.openPanel()
  // The count is debounced, and the page is left before it runs.
  await customers.panel.getByRole('textbox', { name: 'Name' }).fill('wei')
  await page.evaluate(() => document.querySelector<HTMLAnchorElement>('nav a[href*="settings"]')!.click())
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Settings/)
  await page.goBack()
  await expect(customers.count).toBeVisible()
  await customers.search.fill('wei')
  await page.evaluate(() => document.querySelector<HTMLAnchorElement>('nav a[href*="settings"]')!.click())
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Settings/)
  await page.waitForTimeout(500)
  await expect(page).toHaveURL(/settings/)
})

test('a removed filter is not applied again by the Sort panel', async ({ page, faulty }) => {
  await signIn(page, 'admin')
  await page.goto(`${faulty.origin}/admin/customers?period=all`)
  await hydrated(page)
  const customers = new Customers(page, '/admin/customers')
  await customers.openPanel()
  await customers.panel.getByRole('checkbox').first().check()
  await customers.panel.getByRole('textbox', { name: 'Name' }).fill('wei')
  await customers.apply.click()
  await expect(customers.chips).toHaveCount(2)
  await customers.chips.last().click()
  await customers.chips.last().click()
  await expect(customers.chips).toHaveCount(0)
  await customers.openPanel()
  await expect(customers.panel.getByRole('checkbox', { checked: true })).toHaveCount(0)
  await expect(customers.panel.getByRole('textbox', { name: 'Name' })).toHaveValue('')
})
