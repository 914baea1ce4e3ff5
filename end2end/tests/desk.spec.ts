import type { Page } from '@playwright/test'
import { Channel, stamp } from '../channel'
import { expect, expectAccessible, hydrated, signIn, test } from '../fixtures'

// The conversations page: every waiting customer can be reached, unread messages are marked, nothing ends by accident.

// Serial, because the tests count the conversations of an agent.
test.describe.configure({ mode: 'default' })

const messageLog = (page: Page) => page.getByRole('log', { name: 'Messages' })
const item = (page: Page, key: number) => page.locator(`.desk-item[href="/conversations/${key}"]`)
const badge = (page: Page) => page.getByRole('navigation', { name: 'Main' }).locator('.rail-badge')

async function desk(page: Page, key?: number) {
  await page.goto(key === undefined ? '/conversations' : `/conversations/${key}`)
  await hydrated(page)
}

test('with 250 waiting conversations the end of the list and the newest one can be reached', async ({ page }) => {
  test.slow()
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const name = `wait_${stamp()}`
  for (let number = 1; number <= 250; number++) await channel.write(`${name}_${number}`, 'hi', { nickname: `${name}_${number}` })
  await desk(page)
  const waiting = page.getByRole('list', { name: 'Waiting' })
  const newest = waiting.getByRole('link', { name: `${name}_250` })
  // The longest waiting come first, and scrolling loads more.
  const groups = page.locator('.desk-groups')
  await expect
    .poll(
      async () => {
        await groups.evaluate(groups => groups.scrollTo(0, groups.scrollHeight))
        return newest.count()
      },
      { timeout: 20_000 },
    )
    .toBe(1)
  await page.reload()
  await hydrated(page)
  await expect(newest).toHaveCount(0)
  const turn = page.getByRole('button', { name: 'Newest first' })
  await turn.click()
  await expect(turn).toHaveAttribute('aria-pressed', 'true')
  await expect(newest).toBeInViewport()
  // This includes new ones.
  await channel.write(`${name}_251`, 'hi', { nickname: `${name}_251` })
  await expect(waiting.getByRole('link').first()).toContainText(`${name}_251`)
  await newest.click()
  await page.getByRole('button', { name: 'Accept' }).click()
  await expect(page.getByLabel('Reply')).toBeVisible()
  for (let number = 1; number <= 251; number++) {
    const key = await channel.keyOf(`${name}_${number}`)
    if (number !== 250) await channel.desk('accept', key)
    await channel.desk('end', key)
  }
})

test('unread messages are marked in the list and in the navigation until they are seen', async ({ page, context, browser, baseURL }) => {
  // An agent that the other tests do not use.
  const admins = await browser.newContext({ baseURL, locale: 'en-US' })
  const admin = await admins.newPage()
  await signIn(admin, 'admin')
  await signIn(page, 'agent')
  const channel = await Channel.open(admin)
  const [a, b] = [`unread_a_${stamp()}`, `unread_b_${stamp()}`]
  const keys: number[] = []
  for (const id of [a, b]) {
    await channel.write(id, 'hello', { nickname: id })
    keys.push(await channel.keyOf(id))
    await desk(page, keys.at(-1)!)
    await page.getByRole('button', { name: 'Accept' }).click()
    await expect(page.getByLabel('Reply')).toBeVisible()
  }
  const unread = item(page, keys[0]!).locator('.unread')
  await expect(item(page, keys[0]!)).toBeVisible()
  await expect(unread).toHaveCount(0)
  await expect(badge(page)).toHaveCount(0)
  await channel.write(a, 'one')
  await expect(unread).toHaveText(/^1\s*unread$/)
  await channel.write(a, 'two')
  await expect(unread).toHaveText(/^2\s*unread$/)
  await expect(item(page, keys[0]!).locator('strong')).toHaveCSS('font-weight', '700')
  await expect(badge(page)).toHaveText(/^1\s*1 with unread messages$/)
  // Messages in the open conversation are seen immediately.
  await channel.write(b, 'seen at once')
  await expect(messageLog(page)).toContainText('seen at once')
  await expect(item(page, keys[1]!).locator('.unread')).toHaveCount(0)
  await expectAccessible(page)
  // On other pages the navigation shows the number.
  const other = await context.newPage()
  await other.goto('/customers')
  await hydrated(other)
  await expect(badge(other)).toContainText('1')
  // A message seen in one tab is seen in all tabs, and stays seen.
  await item(page, keys[0]!).click()
  await expect(messageLog(page)).toContainText('two')
  await expect(unread).toHaveCount(0)
  await expect(badge(other)).toHaveCount(0)
  // The other tab follows.
  await other.bringToFront()
  await channel.write(b, 'while the desk is hidden')
  await expect(badge(other)).toContainText('1')
  await page.bringToFront()
  await page.reload()
  await hydrated(page)
  await expect(item(page, keys[0]!)).toBeVisible()
  await expect(unread).toHaveCount(0)
  for (const key of keys) await page.request.post('/api/desk/end', { data: { key } })
  await admins.close()
})

test('messages that arrive while the agent reads further up are unread', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `above_${stamp()}`
  for (let number = 1; number <= 60; number++) await channel.write(id, `Message ${number}`, { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await desk(page, key)
  await expect(messageLog(page).getByText('Message 60', { exact: true })).toBeInViewport()
  await messageLog(page).evaluate(messageLog => messageLog.scrollTo(0, 300))
  await channel.write(id, 'Message 61')
  await expect(item(page, key).locator('.unread')).toHaveText(/^1\s*unread$/)
  await messageLog(page).evaluate(messageLog => messageLog.scrollTo(0, messageLog.scrollHeight))
  await expect(item(page, key).locator('.unread')).toHaveCount(0)
  await channel.desk('end', key)
})

test('from the open conversation an agent can read up to the first message', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `up_${stamp()}`
  for (let number = 1; number <= 150; number++) await channel.write(id, `Old ${number}`, { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await channel.desk('end', key)
  for (let number = 1; number <= 120; number++) await channel.write(id, `New ${number}`)
  const up = async (text: string) =>
    expect
      .poll(
        async () => {
          await messageLog(page).evaluate(messageLog => messageLog.scrollTo(0, 0))
          return messageLog(page).getByText(text, { exact: true }).count()
        },
        { timeout: 20_000 },
      )
      .toBe(1)
  // While it waits, only this conversation is shown; the earlier ones are not visible yet.
  await desk(page, key)
  await up('New 1')
  await messageLog(page).evaluate(messageLog => messageLog.scrollTo(0, 0))
  await page.waitForTimeout(500)
  await expect(messageLog(page).getByText(/^Old/)).toHaveCount(0)
  await expect(messageLog(page).getByRole('button', { name: 'More Message History' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Accept' }).click()
  await up('Old 1')
  await expect(messageLog(page).getByRole('group', { name: 'Start of conversation 1' })).toBeAttached()
  await channel.desk('end', key)
})

test('a waiting conversation is updated live, also if another customer wrote last', async ({ page, browser, baseURL }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const [id, other] = [`waits_${stamp()}`, `other_${stamp()}`]
  await channel.write(id, 'first', { nickname: id })
  const key = await channel.keyOf(id)
  await desk(page, key)
  await channel.write(other, 'not this one', { nickname: other })
  await channel.write(id, 'second')
  await expect(messageLog(page)).toContainText('second')
  // A colleague accepts it.
  const agents = await browser.newContext({ baseURL, locale: 'en-US' })
  const agent = await agents.newPage()
  await signIn(agent, 'agent')
  expect((await agent.request.post('/api/desk/accept', { data: { key } })).status()).toBe(200)
  await expect(page.getByText('This conversation has ended or is assigned to another agent.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Accept' })).toHaveCount(0)
  await agent.request.post('/api/desk/end', { data: { key } })
  await agents.close()
})

test('End asks for confirmation, and a double click does not confirm', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `ends_${stamp()}`
  await channel.write(id, 'hello', { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await desk(page, key)
  await page.getByRole('button', { name: 'End', exact: true }).dblclick()
  const sure = page.getByRole('button', { name: 'End now?' })
  await expect(sure).toBeVisible()
  await expect(page.getByLabel('Reply')).toBeVisible()
  // Without an answer, the question disappears.
  await expect(sure).toBeHidden({ timeout: 7_000 })
  // The question mentions unsent text.
  await page.getByLabel('Reply').fill('half a repl')
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await expect(page.getByRole('button', { name: 'End without sending?' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByLabel('Reply').fill('')
  // Esc closes the question before it leaves the conversation.
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await expect(sure).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(sure).toBeHidden()
  await expect(page.getByLabel('Reply')).toBeVisible()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await expect(sure).toHaveAttribute('aria-disabled', 'false')
  await sure.click()
  // Focus returns to the list.
  await expect(page).toHaveURL(/\/conversations$/)
  await expect(page.locator('.toast')).toContainText('Conversation ended.')
  await expect(page.getByText('Select a conversation from the list.')).toBeVisible()
  await expect(item(page, key)).toHaveCount(0)
  await expect(page.locator('.desk :focus')).toHaveCount(1)
  expect((await page.request.get(`/api/desk/one?key=${key}`)).status()).toBe(404)
})

test.use({ expectedOnConsole: /Failed to load resource/ })

test('a conversation that cannot be shown gives the reason and a way back, on a phone too', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 640 })
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `over_${stamp()}`
  await channel.write(id, 'hello', { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await channel.desk('end', key)
  await desk(page, key)
  await expect(page.getByText('This conversation has ended or is assigned to another agent.')).toBeVisible()
  await expect(page.getByText('Customer not found')).toHaveCount(0)
  await expectAccessible(page)
  await page.locator('.desk-back').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Conversations' })).toBeVisible()
  await channel.write(id, 'again')
  await page.route('**/api/desk/one*', route => route.fulfill({ status: 503, body: '' }))
  await page.getByRole('button', { name: 'Newest first' }).click()
  await item(page, key).click()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await page.locator('.desk-back').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Conversations' })).toBeVisible()
  await channel.desk('accept', key)
  await channel.desk('end', key)
})

test('opening a conversation focuses the reply field, unless the focus has moved meanwhile', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `focus_${stamp()}`
  await channel.write(id, 'hello', { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  await desk(page)
  await item(page, key).click()
  await expect(page.getByLabel('Reply')).toBeFocused()
  // The response is slow, and the agent moves the focus meanwhile.
  await desk(page)
  await page.route('**/api/desk/one*', async route => {
    await new Promise(resolve => setTimeout(resolve, 800))
    await route.continue()
  })
  await item(page, key).click()
  const elsewhere = page.getByRole('button', { name: 'Newest first' })
  await elsewhere.focus()
  await expect(page.getByLabel('Reply')).toBeVisible()
  await page.waitForTimeout(200)
  await expect(elsewhere).toBeFocused()
  await channel.desk('end', key)
})

test('Esc leaves the conversation and returns to its row in the list, also on a phone', async ({ page }) => {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `leaves_${stamp()}`
  await channel.write(id, 'hello', { nickname: id })
  const key = await channel.keyOf(id)
  await channel.desk('accept', key)
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 640 })
    await desk(page, key)
    await expect(page.getByLabel('Reply')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.locator('.desk-conversation')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page).toHaveURL(/\/conversations$/)
    await expect(item(page, key)).toBeFocused()
  }
  await channel.desk('end', key)
})

test.describe('on a touch screen', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 } })

  test('Enter starts a new line, and the button sends', async ({ page }) => {
    await signIn(page, 'admin')
    const channel = await Channel.open(page)
    const id = `touch_${stamp()}`
    await channel.write(id, 'hello', { nickname: id })
    const key = await channel.keyOf(id)
    await channel.desk('accept', key)
    await desk(page, key)
    const reply = page.getByLabel('Reply')
    await reply.pressSequentially('One')
    await reply.press('Enter')
    await reply.pressSequentially('two')
    await expect(reply).toHaveValue('One\ntwo')
    await page.getByRole('button', { name: 'Send' }).tap()
    await expect(messageLog(page).locator('.is-agent .message-text')).toHaveText('One\ntwo')
    await channel.desk('end', key)
  })
})
