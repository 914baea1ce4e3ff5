import type { Page } from '@playwright/test'
import { Channel, stamp } from '../channel'
import { expect, hydrated, signIn, test } from '../fixtures'

// Reading the message history: nothing jumps, nothing is skipped, and loading errors are shown.

const panel = (page: Page) => page.getByRole('complementary', { name: 'Customer' })
const reader = (page: Page) => panel(page).getByRole('log', { name: 'Messages' })
const fold = (page: Page, text: string) => panel(page).locator('summary', { hasText: text })

async function open(page: Page, key: number, more = '') {
  await page.goto(`/admin/customers/${key}?period=all&tab=interaction${more}`)
  await hydrated(page)
  await expect(reader(page)).toBeVisible()
}

test('in the middle of the history nothing moves while 30 messages arrive', async ({ page }) => {
  test.slow()
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `full_${stamp()}`
  for (let number = 1; number <= 460; number++) await channel.write(id, `Message ${number} ${'x'.repeat(number % 90)}`, { nickname: id })
  await open(page, await channel.keyOf(id))
  const messages = reader(page).locator('[data-message]')
  await expect(messages.last()).toContainText('Message 460')
  while ((await messages.count()) < 400) {
    const before = await messages.count()
    await reader(page).evaluate(reader => reader.scrollTo(0, 0))
    await expect.poll(() => messages.count()).toBeGreaterThan(before)
  }
  await reader(page).evaluate(reader => reader.scrollTo(0, reader.scrollHeight / 2))
  const held = reader(page).getByText(/^Message 260 /)
  await held.scrollIntoViewIfNeeded()
  await page.waitForTimeout(300)
  const y = async () => (await held.boundingBox())!.y
  const before = await y()
  for (let number = 461; number <= 490; number++) {
    await channel.write(id, `Message ${number}`)
    expect(await y()).toBe(before)
  }
  await page.waitForTimeout(500)
  expect(await y()).toBe(before)
  // All of them are found further down.
  await expect
    .poll(async () => {
      await reader(page).evaluate(reader => reader.scrollTo(0, reader.scrollHeight))
      return reader(page).getByText('Message 490', { exact: true }).count()
    })
    .toBe(1)
  for (const number of [461, 475, 489]) await expect(reader(page).getByText(`Message ${number}`, { exact: true })).toHaveCount(1)
})

test('a reader at the end stays at the end', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `end_${stamp()}`
  for (let number = 1; number <= 60; number++) await channel.write(id, `Message ${number}`, { nickname: id })
  await open(page, await channel.keyOf(id))
  for (let number = 61; number <= 70; number++) await channel.write(id, `Message ${number}`)
  await expect(reader(page).getByText('Message 70', { exact: true })).toBeInViewport()
})

test('messages with times out of order are shown once, in the order of arrival', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `days_${stamp()}`
  const day = 86_400_000
  const noon = Math.floor(Date.now() / day) * day - 4 * day + 4 * 3_600_000
  for (const [text, at] of [['one', noon], ['late', noon - day], ['two', noon + 60_000], ['later', noon - day + 60_000]] as const) {
    await channel.write(id, text, { nickname: id, at })
  }
  await open(page, await channel.keyOf(id))
  await channel.write(id, 'now')
  await expect(reader(page).locator('.message-text')).toHaveText(['one', 'late', 'two', 'later', 'now'])
  expect(await reader(page).getByRole('heading', { level: 3 }).count()).toBeGreaterThanOrEqual(5)
})

test('separators show both times, the agent and the rating; messages show author and time', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `border_${stamp()}`
  const first = await channel.write(id, 'Where is my parcel?', { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await channel.reply(key, 'It left this morning.')
  await channel.desk('end', key)
  await channel.rate(id, first, 2, 'It took too long')
  await open(page, key)
  for (const name of ['Start of conversation 1', 'End of conversation 1']) {
    const border = reader(page).getByRole('group', { name })
    await expect(border.locator('time')).toHaveCount(2)
    await expect(border).toContainText('2 of 5 stars')
    await expect(border.locator('bdi')).toHaveText(/\S/)
  }
  await expect(reader(page).getByRole('group', { name: 'End of conversation 1' })).toContainText('It took too long')
  await expect(reader(page).getByRole('heading', { level: 3, name: 'Conversation 1' })).toBeVisible()
  const message = reader(page).locator('.message').first()
  await expect(message).toContainText('Customer')
  const time = message.getByRole('link')
  // The accessible name contains the visible text.
  await expect(time).toHaveAccessibleName(new RegExp((await time.locator('time').innerText()).trim()))
  // Controls are visible without hovering too.
  await panel(page).getByRole('link', { name: 'Profile' }).click()
  const colours = await panel(page)
    .getByRole('button', { name: 'Edit Nickname' })
    .evaluate(button => [getComputedStyle(button).opacity, getComputedStyle(button.parentElement!).opacity])
  expect(colours).toEqual(['1', '1'])
})

test('the list and the details are updated, and an empty conversation can be selected', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page, 'web')
  const id = `live_${stamp()}`
  const visit = (ip: string) => ({ nickname: id, visitor: { ip, user_agent: 'Mozilla/5.0', referrer: '', landing_page: '' } })
  for (let number = 1; number <= 30; number++) await channel.write(id, `First ${number}`, visit('203.0.113.1'))
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await channel.desk('end', key)
  // A customer of the web channel can be called back while the chat is open or a key exists for the channel.
  await channel.callBack(key)
  await channel.desk('end', key)
  const third = await channel.write(id, 'Third 1', visit('203.0.113.3'))
  for (let number = 2; number <= 30; number++) await channel.write(id, `Third ${number}`)
  await open(page, key)
  await expect(fold(page, 'Visitor info, conversation 3')).toContainText('203.0.113.3')
  await reader(page).evaluate(reader => reader.scrollTo(0, 0))
  await expect(reader(page).getByText('First 1', { exact: true })).toBeAttached()
  await reader(page).evaluate(reader => reader.scrollTo(0, 0))
  await expect(fold(page, 'Visitor info, conversation 1')).toContainText('203.0.113.1')

  await fold(page, '3 conversations').click()
  const items = panel(page).locator('.conversation-list li')
  await expect(items).toHaveCount(3)
  await expect(items.first()).toContainText('Waiting')
  await channel.desk('accept', key)
  await expect(items.first()).toContainText('In progress')
  await channel.desk('end', key)
  await expect(items.first()).toContainText('Ended')
  await channel.rate(id, third, 1, 'slow')
  await expect(items.first()).toContainText('1 of 5 stars')
  await channel.write(id, 'Fourth', visit('203.0.113.4'))
  await expect(items).toHaveCount(4)
  await expect(fold(page, '4 conversations')).toBeVisible()

  // The second conversation has no messages.
  await items.nth(2).getByRole('link').click()
  await expect(page).toHaveURL(/c=2\b/)
  await expect(reader(page).getByRole('group', { name: 'Start of conversation 2' })).toBeInViewport()
  await expect(reader(page).locator('.border.is-marked')).toHaveCount(1)
  await page.reload()
  await hydrated(page)
  await expect(reader(page).getByRole('group', { name: 'Start of conversation 2' })).toBeInViewport()
})

test.describe('with failures', () => {
  test.use({ expectedOnConsole: /Failed to load resource/ })

  test('a list of conversations that fails to load reports the error, and loads on retry', async ({ page }) => {
    await signIn(page, 'admin')
    const channel = await Channel.open(page)
    const id = `failing_${stamp()}`
    await channel.write(id, 'hello', { nickname: id })
    await open(page, await channel.keyOf(id))
    await page.route('**/api/customers/conversations*', route => route.fulfill({ status: 503, body: '' }))
    await fold(page, '1 conversation').click()
    const failed = panel(page).locator('.conversation-list').getByRole('alert')
    await expect(failed).toBeVisible()
    await page.unroute('**/api/customers/conversations*')
    await failed.getByRole('button', { name: 'Try again' }).click()
    await expect(panel(page).locator('.conversation-list li')).toHaveCount(1)
    await expect(failed).toBeHidden()
  })
})

test('a search runs to the end, shows its progress, and can be stopped', async ({ page }) => {
  test.slow()
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `search_${stamp()}`
  await channel.write(id, 'needle', { nickname: id })
  for (let number = 2; number <= 5; number++) await channel.write(id, `hay ${number}`)
  const key = await channel.keyOf(id)
  await open(page, key)
  // Simulates 200,000 messages: each response covers 10,000.
  let asked = 0
  const answers = { pace: 50, rounds: 20 }
  await page.route('**/api/customers/find_word*', async route => {
    asked++
    await new Promise(resolve => setTimeout(resolve, answers.pace))
    const last = asked >= answers.rounds
    await route
      .fulfill({ json: last ? { message: 1, go_on: null } : { message: null, go_on: 1_000_000 - asked * 10_000 } })
      .catch(() => {})
  })
  await fold(page, 'Find').click()
  const word = panel(page).getByRole('searchbox', { name: 'Search messages' })
  const progress = panel(page).getByRole('search').getByRole('status')
  await word.fill('needle')
  await word.press('Enter')
  await expect(progress).toContainText(/Searched [\d,]+ messages…/)
  await expect(page).toHaveURL(/m=1\b/, { timeout: 20_000 })
  expect(asked).toBe(20)
  await expect(reader(page).locator('mark')).toHaveText('needle')

  // The search is stopped.
  asked = 0
  Object.assign(answers, { pace: 200, rounds: 1000 })
  await panel(page).getByRole('button', { name: 'Next match' }).click()
  await progress.getByRole('button', { name: 'Stop' }).click()
  await expect(progress).toHaveText('')
  const stopped = asked
  await page.waitForTimeout(800)
  expect(asked).toBeLessThanOrEqual(stopped + 1)

  // The tab is left: the search must not navigate any more.
  asked = 0
  Object.assign(answers, { pace: 300, rounds: 4 })
  await panel(page).getByRole('button', { name: 'Next match' }).click()
  await expect(progress).toContainText('Searched')
  await panel(page).getByRole('link', { name: 'Profile' }).click()
  const left = page.url()
  await page.waitForTimeout(2_000)
  expect(page.url()).toBe(left)

  // Another search is started: only that one counts.
  await open(page, key)
  asked = 0
  Object.assign(answers, { pace: 400, rounds: 2 })
  await fold(page, 'Find').click()
  await word.fill('needle')
  await word.press('Enter')
  await page.route('**/api/customers/find_date*', route => route.fulfill({ json: { message: 3, go_on: null } }))
  await panel(page).getByLabel('Date').fill('2026-01-01')
  await panel(page).getByRole('button', { name: 'Jump' }).click()
  await expect(page).toHaveURL(/m=3\b/)
  await page.waitForTimeout(1_500)
  await expect(page).toHaveURL(/m=3\b/)
})

test('loading rows and messages show an indicator after a delay', async ({ page, customers }) => {
  await customers.open({ period: 'all' })
  await page.route(/\/api\/customers\?.*start=(after|row|before)/, async route => {
    await new Promise(resolve => setTimeout(resolve, 5_000))
    await route.continue()
  })
  await page.locator('.list').evaluate(list => list.scrollTo(0, list.scrollHeight / 2))
  const loading = page.locator('.list-window tr.is-loading').first()
  await expect(loading).toHaveCSS('animation-delay', '0.15s')
  await expect(loading).toHaveCSS('opacity', '1')
  const bar = await loading.locator('th').evaluate(cell => getComputedStyle(cell, '::after').height)
  expect(bar).toBe('10px')
  await page.route('**/api/customers/messages*', async route => {
    await new Promise(resolve => setTimeout(resolve, 1_200))
    await route.continue()
  })
  await expect(page.locator('.list-window tr.is-loading')).toHaveCount(0, { timeout: 15_000 })
  await customers.names.first().click()
  await panel(page).getByRole('link', { name: 'Interaction' }).click()
  await expect(panel(page).locator('.reader.is-loading')).toBeVisible()
  await expect(reader(page)).toBeVisible()
})
