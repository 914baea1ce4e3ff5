import type { Locator } from '@playwright/test'
import { Channel, overflow, stamp } from '../channel'
import { Customers, expect, expectAccessible, hydrated, signIn, test } from '../fixtures'

// Layout: messages keep enough room whatever is open, and very long or unusual names fit.

const sizes = [
  { width: 1366, height: 640 },
  { width: 360, height: 640 },
]
const long = 'W'.repeat(200)

/** Returns the share of a panel's height that the messages take. */
async function share(panel: Locator, reader: Locator) {
  const [outer, inner, height] = [await panel.boundingBox(), await reader.boundingBox(), reader.page().viewportSize()!.height]
  const seen = Math.min(inner!.y + inner!.height, outer!.y + outer!.height, height) - Math.max(inner!.y, outer!.y, 0)
  return seen / outer!.height
}

/** Creates a customer of the web channel with a long name and three conversations, the last one open. Returns its key. */
async function talkative(channel: Channel) {
  const id = `room_${stamp()}`
  const visitor = { ip: '203.0.113.9', user_agent: 'Mozilla/5.0 '.repeat(30), referrer: `https://shop.example/${'a'.repeat(200)}` }
  for (const round of [1, 2, 3]) {
    for (let number = 1; number <= 25; number++) await channel.write(id, `Line ${round}.${number}`, { nickname: `${id}${long}`.slice(0, 200), visitor })
    const key = await channel.keyOf(id)
    await channel.desk('accept', key)
    if (round < 3) await channel.desk('end', key)
  }
  return channel.keyOf(id)
}

for (const size of sizes) {
  test.describe(`at ${size.width}×${size.height}`, () => {
    test.use({ viewport: size, expectedOnConsole: /Failed to load resource/ })

    test('messages keep two fifths of the Interaction tab, whatever is open', async ({ page }, info) => {
      await signIn(page, 'admin')
      const channel = await Channel.open(page, 'web')
      const key = await talkative(channel)
      await page.goto(`/admin/customers/${key}?period=all&tab=interaction`)
      await hydrated(page)
      const panel = page.getByRole('complementary', { name: 'Customer' })
      const reader = panel.getByRole('log', { name: 'Messages' })
      await expect(reader).toContainText('Line 3.25')
      const enough = async (what: string) => expect(await share(panel, reader), what).toBeGreaterThanOrEqual(0.4)
      await enough('nothing open')
      const list = panel.locator('summary', { hasText: '3 conversations' })
      await list.click()
      await expect(panel.getByRole('link', { name: /^3 · / })).toBeInViewport()
      await enough('the list')
      await page.screenshot({ path: info.outputPath('list.png') })
      await panel.locator('summary', { hasText: 'Visitor info, conversation 3' }).click()
      await expect(panel.getByText('Referrer')).toBeAttached()
      await enough('the visitor')
      await panel.locator('summary', { hasText: 'Find' }).click()
      await expect(panel.getByLabel('Search messages')).toBeVisible()
      await enough('the finder')
      // Opens all of them at once, as in a browser without exclusive `details`.
      await page.evaluate(() => {
        for (const fold of document.querySelectorAll('details.fold')) fold.removeAttribute('name')
        for (const fold of document.querySelectorAll('details.fold')) fold.setAttribute('open', '')
      })
      await enough('everything')
      await page.screenshot({ path: info.outputPath('everything.png') })
      await page.route('**/api/customers/messages*', route => route.fulfill({ status: 503, body: '' }))
      await reader.evaluate(reader => reader.scrollTo(0, 0))
      const failed = reader.getByRole('alert')
      await expect(failed).toBeVisible()
      await enough('a failure')
      await page.unroute('**/api/customers/messages*')
      await failed.getByRole('button', { name: 'Try again' }).click()
      await expect(reader.getByText('Line 1.1', { exact: true })).toBeAttached()
      // Selecting a conversation closes the list and shows the start of the conversation.
      await page.evaluate(() => {
        for (const fold of document.querySelectorAll('details.fold:not(.conversation-list)')) fold.removeAttribute('open')
      })
      await panel.getByRole('link', { name: /^2 · / }).click()
      await expect(panel.locator('.conversation-list')).not.toHaveAttribute('open')
      await expect(reader.getByRole('group', { name: 'Start of conversation 2' })).toBeInViewport()
      expect(await overflow(page)).toEqual([])
      await expectAccessible(page)
    })

    test('messages keep two fifths of the conversations page, whatever is open', async ({ page }, info) => {
      await signIn(page, 'admin')
      const key = await talkative(await Channel.open(page, 'web'))
      await page.goto(`/conversations/${key}`)
      await hydrated(page)
      const panel = page.locator('.desk-conversation')
      const reader = panel.getByRole('log', { name: 'Messages' })
      const enough = async (what: string) => expect(await share(panel, reader), what).toBeGreaterThanOrEqual(0.4)
      await enough('nothing open')
      await panel.locator('summary', { hasText: 'Visitor' }).click()
      await panel.getByLabel('Reply').fill('line\n'.repeat(40))
      await panel.getByLabel('Reply').evaluate(field => (field.style.height = '600px'))
      await enough('the visitor and a long reply')
      await page.route('**/api/desk/reply', route => route.fulfill({ status: 503, body: '' }))
      await panel.getByRole('button', { name: 'Send' }).click()
      await expect(panel.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible()
      await enough('a failure')
      await page.screenshot({ path: info.outputPath('desk.png') })
      expect(await overflow(page)).toEqual([])
      await expectAccessible(page)
    })
  })
}

test('names of 200 characters, right-to-left names and emoji fit at 360 px', async ({ page }, info) => {
  test.slow()
  await page.setViewportSize({ width: 360, height: 800 })
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const names = [long, '👩‍👩‍👧‍👦'.repeat(28), 'عبد'.repeat(66)]
  for (const name of names) {
    const id = `name_${stamp()}${'x'.repeat(60)}`
    await channel.write(id, long + long, { nickname: name, profile: { real_name: 'محمد بن عبد الله', company: long, email: `${'a'.repeat(60)}@example.com` } })
    const key = await channel.keyOf(id)
    await page.goto(`/admin/customers/${key}?period=all`)
    await hydrated(page)
    const panel = page.getByRole('complementary', { name: 'Customer' })
    await expect(panel.getByRole('heading', { level: 2 }).first()).toHaveAttribute('title', name)
    expect(await overflow(page), 'profile').toEqual([])
    await page.screenshot({ path: info.outputPath(`profile ${names.indexOf(name)}.png`) })
    // A name of the other direction starts at the start of the column.
    const start = (text: string) =>
      panel.locator('.field-value', { hasText: text }).first().evaluate(element => {
        const range = document.createRange()
        range.selectNodeContents(element)
        return Math.round(Math.min(...[...range.getClientRects()].map(rect => rect.left)))
      })
    expect(Math.abs((await start('محمد')) - (await start('@example')))).toBeLessThanOrEqual(1)
    await page.keyboard.press('b')
    const dialog = page.getByRole('dialog', { name: 'Add to Blacklist' })
    await dialog.getByLabel('Reason').fill(long.slice(0, 150))
    expect(await overflow(page), 'dialog').toEqual([])
    await page.keyboard.press('Escape')
    await page.goto(`/admin/customers/${key}?period=all&tab=interaction`)
    expect(await overflow(page), 'interaction').toEqual([])
    await page.goto(`/admin/customers?${new URLSearchParams({ period: 'all', q: id })}`)
    await hydrated(page)
    const row = new Customers(page, '/admin/customers').names.first()
    await expect(row).toHaveAttribute('title', name)
    expect(await overflow(page), 'list').toEqual([])
    await page.goto(`/conversations/${key}`)
    await hydrated(page)
    expect(await overflow(page), 'conversation').toEqual([])
    await page.screenshot({ path: info.outputPath(`conversation ${names.indexOf(name)}.png`) })
    await page.goto('/conversations')
    await hydrated(page)
    await page.getByRole('button', { name: 'Newest first' }).click()
    await expect(page.locator(`a[href="/conversations/${key}"]`)).toBeVisible()
    expect(await overflow(page), 'desk').toEqual([])
    await page.screenshot({ path: info.outputPath(`desk ${names.indexOf(name)}.png`) })
  }
  // Filters of that length, and a toast that names one.
  await page.goto(`/admin/customers?${new URLSearchParams({ period: 'all', name: long, id: long.slice(0, 60) })}`)
  await hydrated(page)
  expect(await overflow(page), 'chips').toEqual([])
})

test('the count fits at 360 px', async ({ page, customers }) => {
  await page.setViewportSize({ width: 360, height: 800 })
  await customers.open({ period: 'all', q: 'zhang' })
  expect(await overflow(page)).toEqual([])
  // The longest texts and numbers: a million, similar matches, new customers.
  await customers.count.evaluate(count => {
    count.firstElementChild!.textContent = '1,000,000 customers'
    const more = document.createElement('small')
    more.className = 'hint'
    more.textContent = '· 123,456 of them with similar spelling, at the end'
    const pill = document.createElement('button')
    pill.className = 'new-pill'
    pill.textContent = '1,234 new'
    count.append(pill, more)
  })
  expect(await overflow(page)).toEqual([])
})

test('rows fill the list when a customer opens and closes, whatever their height', async ({ page }) => {
  await page.setViewportSize({ width: 1100, height: 800 })
  await signIn(page, 'admin')
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all' })
  const rows = () =>
    page.evaluate(() => {
      const all = [...document.querySelectorAll('.list-window tr')].map(row => row.getBoundingClientRect())
      const gap = document.querySelector('.list')!.getBoundingClientRect().bottom - Math.max(...all.map(row => row.bottom))
      return { height: all[0]!.height, filled: gap <= 0 }
    })
  expect(await rows()).toEqual({ height: 60, filled: true })
  await customers.names.nth(3).click()
  await expect(page.getByRole('complementary', { name: 'Customer' })).toBeVisible()
  await expect.poll(rows).toEqual({ height: 44, filled: true })
  // Other tests write meanwhile, so the end of the list moves.
  await expect(async () => {
    await page.locator('.list').evaluate(list => list.scrollTo(0, list.scrollHeight))
    const last = await customers.table.getAttribute('aria-rowcount')
    await expect(page.locator(`tr[aria-rowindex="${last}"]`)).toBeInViewport({ timeout: 500 })
  }).toPass()
  await page.keyboard.press('Escape')
  await expect.poll(rows).toEqual({ height: 60, filled: true })
})

for (const size of [
  { width: 360, height: 340 },
  { width: 640, height: 360 },
]) {
  test(`unfolded details are readable at ${size.width}×${size.height}`, async ({ page }) => {
    await page.setViewportSize(size)
    await signIn(page, 'admin')
    const channel = await Channel.open(page, 'web')
    const key = await talkative(channel)
    await page.goto(`/admin/customers/${key}?period=all&tab=interaction`)
    await hydrated(page)
    const panel = page.getByRole('complementary', { name: 'Customer' })
    await panel.locator('summary', { hasText: '3 conversations' }).click()
    const first = panel.getByRole('link', { name: /^3 · / })
    await first.scrollIntoViewIfNeeded()
    await expect(first).toBeInViewport({ ratio: 0.95 })
    const last = panel.getByRole('log', { name: 'Messages' }).getByText('Line 3.25', { exact: true })
    await last.scrollIntoViewIfNeeded()
    await expect(last).toBeInViewport({ ratio: 0.95 })
    await page.goto(`/conversations/${key}`)
    await hydrated(page)
    await page.locator('.desk-conversation summary', { hasText: 'Visitor' }).click()
    const fact = page.locator('.desk-conversation dl').getByText('203.0.113.9')
    await fact.scrollIntoViewIfNeeded()
    await expect(fact).toBeInViewport({ ratio: 0.95 })
    await channel.desk('end', key)
  })
}

test('cards show the time by which the list is sorted', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 640 })
  await signIn(page, 'admin')
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all', sort: 'created' })
  await expect(page.locator('.list-window tr').first().locator('.col-created')).toBeVisible()
  await expect(page.locator('.list-window tr').first().locator('.col-latest')).toBeHidden()
  await customers.open({ period: 'all', sort: 'latest' })
  await expect(page.locator('.list-window tr').first().locator('.col-latest')).toBeVisible()
  await expect(page.locator('.list-window tr').first().locator('.col-created')).toBeHidden()
})

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } })

  test('with a long history only the reader of the panel scrolls', async ({ page }) => {
    await signIn(page, 'admin')
    const channel = await Channel.open(page, 'web')
    const key = await talkative(channel)
    await page.goto(`/admin/customers/${key}?period=all&tab=interaction`)
    await hydrated(page)
    await expect(page.getByText('Line 3.25', { exact: true })).toBeInViewport()
    const hidden = () => page.locator('.detail').evaluate(panel => panel.scrollHeight - panel.clientHeight)
    expect(await hidden()).toBeLessThanOrEqual(1)
    await channel.desk('end', key)
  })

  test('with the on-screen keyboard the newest message and the reply stay visible', async ({ page }) => {
    await signIn(page, 'admin')
    const channel = await Channel.open(page, 'web')
    const key = await talkative(channel)
    await page.goto(`/conversations/${key}`)
    await hydrated(page)
    const newest = page.getByRole('log', { name: 'Messages' }).getByText('Line 3.25', { exact: true })
    await expect(newest).toBeInViewport()
    const reply = page.getByLabel('Reply')
    await reply.tap()
    // The height that an on-screen keyboard leaves.
    await page.setViewportSize({ width: 360, height: 340 })
    await expect(newest).toBeInViewport({ ratio: 1 })
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden()
    await page.getByRole('button', { name: 'Send' }).scrollIntoViewIfNeeded()
    await expect(reply).toBeInViewport({ ratio: 0.99 })
    await channel.desk('end', key)
  })

  test('a tap that closes a menu does not activate what is under it', async ({ page }) => {
    await signIn(page, 'admin')
    const customers = new Customers(page, '/admin/customers')
    await customers.open({ period: 'all' })
    await page.locator('summary', { hasText: 'Theme' }).tap()
    await expect(page.getByRole('button', { name: 'Dark' })).toBeVisible()
    const url = page.url()
    await page.touchscreen.tap(120, 300)
    await expect(page.getByRole('button', { name: 'Dark' })).toBeHidden()
    await page.waitForTimeout(300)
    expect(page.url()).toBe(url)
    await page.touchscreen.tap(120, 300)
    await expect(page).toHaveURL(/customers\/\d+/)
  })

  test('the name of a key stays within the settings', async ({ page }) => {
    await signIn(page, 'admin')
    const name = `k${stamp()}`.padEnd(60, 'W')
    const made = await page.request.post('/api/channels/create', { data: { channel: 'app', name } })
    expect(made.status()).toBe(200)
    await page.goto('/admin/settings')
    await hydrated(page)
    await expect(page.getByText(name)).toBeVisible()
    expect(await overflow(page)).toEqual([])
    expect(await page.locator('.page').evaluate(page => page.scrollWidth - page.clientWidth)).toBeLessThanOrEqual(1)
  })

  test('a visitor starts a new line with Enter', async ({ page }) => {
    await page.goto('/chat')
    const text = page.getByLabel('Write a message')
    await text.pressSequentially('One')
    await text.press('Enter')
    await text.pressSequentially('two')
    await expect(text).toHaveValue('One\ntwo')
    await page.getByRole('button', { name: 'Send', exact: true }).tap()
    await expect(page.getByRole('log')).toContainText('One')
    await expect(text).toHaveValue('')
  })
})

test('a tag name that is too long is reported', async ({ page }) => {
  await signIn(page, 'admin')
  const customers = new Customers(page, '/admin/customers')
  await customers.open({ period: 'all' })
  await customers.names.first().click()
  const panel = page.getByRole('complementary', { name: 'Customer' })
  await panel.getByRole('link', { name: 'Customer Tags' }).click()
  await panel.getByRole('searchbox').fill('W'.repeat(40))
  await expect(panel.getByRole('button', { name: /^Create/ })).toBeVisible()
  await panel.getByRole('searchbox').fill('W'.repeat(41))
  await expect(panel.getByText('Use at most 40 characters.')).toBeVisible()
  await expect(panel.getByRole('button', { name: /^Create/ })).toHaveCount(0)
})
