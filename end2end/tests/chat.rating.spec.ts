import { expectAccessible } from '../fixtures'
import { Chat, expect, stamp, test, type Agent } from '../visitors'

// A rating belongs to the conversation that the visitor saw ending, however long it takes to write.

/** Creates and ends a conversation under this name. Returns the customer's key. */
async function ended(chat: Chat, agent: Agent, name: string, origin = '') {
  await chat.open(origin)
  await chat.introduce(name)
  const key = await agent.accept(name)
  await agent.end(key)
  await expect(chat.rating).toBeVisible()
  return key
}

const star = (chat: Chat, stars: number) => chat.rating.locator(`input[value="${stars}"]`)

test('a comment survives a callback and belongs to the earlier conversation', async ({ chat, agent }) => {
  const key = await ended(chat, agent, `Called back ${stamp()}`)
  await star(chat, 1).check()
  await chat.comment.fill('never called back')
  await agent.callBack(key)
  await agent.reply(key, 'Sorry for the wait!')
  await chat.says(['hello', 'Sorry for the wait!'])
  await expect(chat.comment).toHaveValue('never called back')
  await expect(chat.rating.getByRole('group', { name: 'How was your earlier conversation?' })).toBeVisible()
  await expectAccessible(chat.page)
  await agent.end(key)
  await expect(chat.page.getByText('This conversation has ended.')).toBeVisible()
  await chat.page.reload()
  await expect(chat.comment).toHaveValue('never called back')
  await expect(star(chat, 1)).toBeChecked()
  await chat.rating.getByRole('button', { name: 'Send' }).click()
  // Now the second conversation can be rated.
  await expect(chat.rating.getByRole('group', { name: 'How was your conversation?' })).toBeVisible()
  await expect(chat.comment).toHaveValue('')
  expect(await agent.conversations(key)).toEqual([
    ['ended', 'never called back'],
    ['ended', null],
  ])
  await star(chat, 5).check()
  await chat.rating.getByRole('button', { name: 'Send' }).click()
  await expect(chat.rating).toBeHidden()
  expect(await agent.conversations(key)).toEqual([
    ['ended', 'never called back'],
    ['ended', ''],
  ])
})

test('a page that was offline rates and ends only the conversation it showed', async ({ chat, agent, faulty }) => {
  const key = await ended(chat, agent, `Offline ${stamp()}`, faulty.origin)
  await star(chat, 2).check()
  await chat.comment.fill('slow')
  faulty.faults.push({ path: /^\/chat/, status: 502 })
  faulty.cut()
  await agent.callBack(key)
  await agent.end(key)
  await chat.rating.getByRole('button', { name: 'Send' }).click()
  await expect(chat.page.getByRole('alert')).toContainText('Could not send this')
  await expect(chat.comment).toHaveValue('slow')
  faulty.faults.splice(0, 1, { path: /^\/chat\/(messages|events)/, status: 502 })
  await chat.rating.getByRole('button', { name: 'Send' }).click()
  await expect(chat.comment).toHaveValue('')
  expect(await agent.conversations(key)).toEqual([
    ['ended', 'slow'],
    ['ended', null],
  ])
})

test('a visitor can decline to rate', async ({ chat, agent }) => {
  const key = await ended(chat, agent, `Not now ${stamp()}`)
  await star(chat, 3).check()
  await agent.callBack(key)
  await chat.rating.getByRole('button', { name: 'Not now' }).click()
  await expect(chat.rating).toBeHidden()
  await chat.page.reload()
  await expect(chat.rating).toBeHidden()
})

test.describe('without a script', () => {
  test.use({ javaScriptEnabled: false })

  test('a visitor writes several lines, gets a reply, ends the chat and rates it', async ({ page, agent }) => {
    const chat = new Chat(page)
    const name = `Plain ${stamp()}`
    await page.goto('/chat')
    await page.getByLabel('Your name').fill(name)
    await chat.text.fill('Where is my parcel?\nOrder 1042')
    await chat.send.click()
    await chat.says(['Where is my parcel?\nOrder 1042'])
    const key = await agent.accept(name)
    await agent.reply(key, 'On its way.')
    await page.reload()
    await chat.says(['Where is my parcel?\nOrder 1042', 'On its way.'])
    await page.getByRole('button', { name: 'End chat' }).click()
    await star(chat, 4).check()
    await chat.comment.fill('fine')
    await agent.callBack(key)
    await chat.rating.getByRole('button', { name: 'Send' }).click()
    await expect(chat.rating).toBeHidden()
    expect(await agent.conversations(key)).toEqual([
      ['ended', 'fine'],
      ['processing', null],
    ])
  })

  test('a visitor without cookies is one customer', async ({ page, agent, faulty }) => {
    faulty.withoutCookies = true
    const chat = new Chat(page)
    const name = `Plain cookieless ${stamp()}`
    await page.goto(`${faulty.origin}/chat`)
    await page.getByLabel('Your name').fill(name)
    for (const text of ['one', 'two', 'three', 'four', 'five']) {
      await chat.text.fill(text)
      await chat.send.click()
      await expect(chat.messages.last()).toHaveText(text)
    }
    await expect(page.getByText('does not allow cookies')).toBeVisible()
    expect(await agent.find(name)).toHaveLength(1)
    const key = await agent.accept(name)
    await agent.reply(key, 'I am here.')
    await page.getByRole('button', { name: 'Show new messages' }).click()
    await chat.says(['one', 'two', 'three', 'four', 'five', 'I am here.'])
    expect(page.url()).not.toContain('visitor')
  })
})
