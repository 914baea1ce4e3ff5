import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectAccessible } from '../fixtures'
import { Chat, expect, stamp, test } from '../visitors'

// The visitors' page in a browser, with common failures.

test('a visitor writes, gets a reply, and ends the chat', async ({ chat, agent }) => {
  const name = `Ordinary ${stamp()}`
  await chat.open()
  await expectAccessible(chat.page)
  await chat.introduce(name, 'Where is my parcel?')
  await expectAccessible(chat.page)
  const key = await agent.accept(name)
  await agent.reply(key, 'It is on its way.')
  await chat.says(['Where is my parcel?', 'It is on its way.'], 1_000)
  await expect(chat.page.getByText('You are chatting with an agent.')).toBeVisible()
  await expect(chat.note).toBeEmpty()
  await chat.page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(chat.page)
  await chat.page.getByRole('button', { name: 'End chat' }).click()
  await expect(chat.rating).toBeVisible()
  await expectAccessible(chat.page)
  await chat.rating.getByText('★★★★★').click()
  await chat.comment.fill('quick')
  await chat.rating.getByRole('button', { name: 'Send' }).click()
  await expect(chat.page.getByText('Thank you for your rating.')).toBeVisible()
  await expect(chat.rating).toBeHidden()
  expect(await agent.conversations(key)).toEqual([['ended', 'quick']])
})

test('a browser that blocks cookies is one customer with five messages', async ({ baseURL, browser, agent }, info) => {
  // The browser's real setting, which also blocks the storage of the page.
  const profile = info.outputPath('profile')
  mkdirSync(join(profile, 'Default'), { recursive: true })
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
  const use = info.project.use
  const context = await browser.browserType().launchPersistentContext(profile, { ...use.launchOptions, baseURL, locale: 'en-US' })
  const chat = new Chat(await context.newPage())
  await chat.open()
  const name = `Cookieless ${stamp()}`
  await chat.introduce(name, 'one')
  for (const text of ['two', 'three', 'four', 'five']) await chat.write(text)
  await chat.says(['one', 'two', 'three', 'four', 'five'])
  await expect(chat.note).toContainText('does not allow cookies')
  await expectAccessible(chat.page)
  expect(await context.cookies()).toEqual([])
  expect(chat.page.url()).toBe(`${baseURL}/chat`)
  expect(await agent.find(name)).toHaveLength(1)
  const key = await agent.accept(name)
  await agent.reply(key, 'I am here.')
  await chat.says(['one', 'two', 'three', 'four', 'five', 'I am here.'], 1_000)
  await context.close()
})

test('a visitor is recognised although cookies are lost, also after a reload', async ({ chat, agent, faulty }) => {
  faulty.withoutCookies = true
  const name = `Lost cookies ${stamp()}`
  await chat.open(faulty.origin)
  await chat.introduce(name, 'one')
  await chat.page.reload()
  await chat.says(['one'])
  await chat.write('two')
  await chat.says(['one', 'two'])
  expect(await agent.find(name)).toHaveLength(1)
  // Once cookies work again, nothing else identifies the visitor.
  faulty.withoutCookies = false
  await chat.page.reload()
  await expect(chat.messages).toHaveCount(0)
  // The first response confirms that the cookie was received.
  await expect.poll(() => chat.page.evaluate(() => sessionStorage.length)).toBe(0)
})

test('if cookies work, scripts have no access to the visitor token', async ({ chat }) => {
  await chat.open()
  await chat.introduce(`Kept ${stamp()}`)
  await chat.says(['hello'])
  expect(await chat.page.evaluate(() => sessionStorage.length)).toBe(0)
  await chat.page.reload()
  await chat.says(['hello'])
  expect(await chat.page.content()).not.toContain('name="visitor"')
  expect(await chat.page.evaluate(() => document.cookie)).not.toContain('clientele_visitor')
})

test('a tab that was open before the first message gets live updates, with and without the other tab', async ({ context, agent }) => {
  const name = `Tabs ${stamp()}`
  const [first, second] = [new Chat(await context.newPage()), new Chat(await context.newPage())]
  await first.open()
  await second.open()
  await second.introduce(name)
  await first.says(['hello'], 1_000)
  const key = await agent.accept(name)
  await agent.reply(key, 'hi')
  await first.says(['hello', 'hi'], 1_000)
  await second.says(['hello', 'hi'], 1_000)
  await second.page.close()
  await agent.reply(key, 'still there?')
  await first.says(['hello', 'hi', 'still there?'], 1_000)
})

test('a request for messages that is never answered is given up, and the log catches up', async ({ chat, agent, faulty }) => {
  test.slow()
  const name = `Stalled look ${stamp()}`
  await chat.open(faulty.origin)
  await chat.introduce(name)
  const key = await agent.accept(name)
  await expect(chat.page.getByText('You are chatting with an agent.')).toBeVisible()
  const fault = { path: /^\/chat\/messages/, method: 'GET', stall: true }
  faulty.faults.push(fault)
  const before = faulty.count(/GET \/chat\/messages/)
  await agent.reply(key, 'one')
  await expect.poll(() => faulty.count(/GET \/chat\/messages/)).toBe(before + 1)
  faulty.faults.length = 0
  await agent.reply(key, 'two')
  await agent.reply(key, 'three')
  await chat.says(['hello', 'one', 'two', 'three'], 17_000)
})

test('a message without a response is sent again with the same id', async ({ chat, agent, faulty }) => {
  test.slow()
  const name = `Stalled message ${stamp()}`
  await chat.open(faulty.origin)
  await chat.page.getByLabel('Your name').fill(name)
  faulty.faults.push({ path: /^\/chat\/messages/, method: 'POST', stall: true })
  await chat.text.fill('Anybody there?')
  await chat.text.press('Enter')
  await expect(chat.send).toBeDisabled()
  await expect(chat.send).toHaveText('Try again', { timeout: 17_000 })
  await expect(chat.page.getByRole('alert')).toContainText('Could not send this')
  await expect(chat.text).toHaveValue('Anybody there?')
  // This time the message is stored and the response is lost. A reload in between makes no difference.
  faulty.faults.splice(0, 1, { path: /^\/chat\/messages/, method: 'POST', lose: true })
  await chat.send.click()
  await expect(chat.page.getByRole('alert')).toContainText('Could not send this')
  await chat.page.reload()
  await expect(chat.text).toHaveValue('Anybody there?')
  faulty.faults.length = 0
  await chat.send.click()
  await expect(chat.text).toHaveValue('')
  await chat.says(['Anybody there?'])
  expect(await agent.find(name)).toHaveLength(1)
})

test('a draft survives a reload, and is cleared when exactly this text was accepted', async ({ chat, faulty }) => {
  await chat.open(faulty.origin)
  await chat.text.fill('Half a sen')
  await chat.page.reload()
  await expect(chat.text).toHaveValue('Half a sen')
  faulty.faults.push({ path: /^\/chat\/messages/, method: 'POST', delay: 700 })
  await chat.text.fill('A sentence.')
  await chat.text.press('Enter')
  await chat.text.fill('And another')
  await chat.says(['A sentence.'])
  await expect(chat.text).toHaveValue('And another')
  await chat.page.reload()
  await expect(chat.text).toHaveValue('And another')
  await chat.text.press('Enter')
  await expect(chat.text).toHaveValue('')
  await chat.says(['A sentence.', 'And another'])
  await chat.page.reload()
  await expect(chat.text).toHaveValue('')
})

test('Enter that confirms a Chinese word sends nothing', async ({ chat, context }) => {
  await chat.open()
  await chat.text.fill('nihao')
  // Safari ends the composition first: only the key code identifies the key.
  const press = (code: number) =>
    chat.text.evaluate((field, keyCode) => {
      field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
      field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '你好' }))
      const enter = { key: 'Enter', keyCode, isComposing: false, bubbles: true, cancelable: true }
      field.dispatchEvent(new KeyboardEvent('keydown', enter))
    }, code)
  await press(229)
  await chat.text.evaluate(field => {
    const enter = { key: 'Enter', keyCode: 13, isComposing: true, bubbles: true, cancelable: true }
    field.dispatchEvent(new KeyboardEvent('keydown', enter))
  })
  await chat.page.waitForTimeout(500)
  await expect(chat.text).toHaveValue('nihao')
  await expect(chat.messages).toHaveCount(0)

  const devtools = await context.newCDPSession(chat.page)
  await chat.text.fill('')
  await chat.text.focus()
  await devtools.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 })
  await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 })
  await devtools.send('Input.insertText', { text: '你好' })
  await chat.page.waitForTimeout(500)
  await expect(chat.text).toHaveValue('你好')
  await expect(chat.messages).toHaveCount(0)
  await press(13)
  await chat.says(['你好'])
})

test('without the stream the page polls, and reports the delay once', async ({ chat, agent, faulty }) => {
  test.slow()
  const name = `Blocked stream ${stamp()}`
  await chat.page.route('**/events*', route => route.abort())
  await chat.open(faulty.origin)
  await chat.note.evaluate(note => {
    const said: string[] = []
    Object.assign(window, { said })
    new MutationObserver(() => said.push(note.textContent!)).observe(note, { childList: true, characterData: true, subtree: true })
  })
  await chat.introduce(name)
  const key = await agent.accept(name)
  await expect(chat.note).toHaveText('New messages may be delayed by a few seconds.')
  await chat.page.waitForTimeout(10_000)
  await agent.reply(key, 'hi')
  await chat.says(['hello', 'hi'], 16_000)
  const before = faulty.count(/GET \/chat\/messages/)
  await chat.page.waitForTimeout(32_000)
  const asked = faulty.count(/GET \/chat\/messages/) - before
  expect(asked).toBeGreaterThanOrEqual(2)
  expect(asked).toBeLessThanOrEqual(6)
  expect(await chat.page.evaluate(() => (window as unknown as { said: string[] }).said)).toHaveLength(1)
})

test('after rejections the stream is retried at growing intervals', async ({ chat, agent, faulty }) => {
  test.slow()
  const name = `Refused ${stamp()}`
  faulty.faults.push({ path: /^\/chat\/events/, status: 429 })
  await chat.open(faulty.origin)
  await chat.introduce(name)
  await chat.page.waitForTimeout(25_000)
  const asked = faulty.count(/\/chat\/events/)
  expect(asked).toBeGreaterThanOrEqual(2)
  expect(asked).toBeLessThanOrEqual(7)
  // Meanwhile messages can be sent, and new ones are shown.
  await chat.write('one')
  const key = await agent.accept(name)
  await agent.reply(key, 'two')
  // Without a stream the page reads the chat every 15 s at most.
  await chat.says(['hello', 'one', 'two'], 20_000)
})

test('an unreachable server is reported, and the page recovers without a reload', async ({ chat, agent, faulty }) => {
  const name = `Away ${stamp()}`
  await chat.open(faulty.origin)
  await chat.introduce(name)
  await expect.poll(() => faulty.streams).toBe(1)
  faulty.faults.push({ path: /^\/chat/, status: 502 })
  faulty.cut()
  await expect(chat.note).toHaveText('Connection lost. Reconnecting…')
  await expectAccessible(chat.page)
  const key = await agent.accept(name)
  await agent.reply(key, 'Welcome back.')
  faulty.faults.length = 0
  // The next reading is at most 15 s away, and wakes the stream.
  await chat.says(['hello', 'Welcome back.'], 20_000)
  await expect(chat.note).toBeEmpty({ timeout: 20_000 })
})

test('text is shown as it was typed', async ({ chat }) => {
  const text = `&lt;b&gt; &amp;amp; <b>x</b> https://a.example/?a=1&lt=2&copy=3 "q" 'q' \\ %00 {{7*7}} \${x}`
  await chat.open()
  await chat.introduce(`Brackets ${stamp()}`, text)
  await chat.says([text])
  await chat.page.reload()
  await chat.says([text])
})
