import type { BrowserContext, Page } from '@playwright/test'
import { Customers, expect, expectAccessible, hydrated, listen, signIn, test } from '../fixtures'

// One scenario with two browsers: a visitor at /chat and an agent. All assertions use the pages.
test.describe.configure({ mode: 'serial' })

const stamp = Date.now().toString(36)
const name = `Story ${stamp}`

let visitors: BrowserContext
let visitor: Page
let agent: Page
let said: string[][]
let customer = ''

test.beforeAll(async ({ browser, baseURL }) => {
  visitors = await browser.newContext({ baseURL, locale: 'en-US' })
  const agents = await browser.newContext({ baseURL, locale: 'en-US', viewport: { width: 1440, height: 900 } })
  said = [listen(visitors), listen(agents)]
  visitor = await visitors.newPage()
  agent = await agents.newPage()
  await signIn(agent, 'agent')
})

test.afterAll(async () => {
  await visitors.close()
  await agent.context().close()
})

const log = () => visitor.getByRole('log')
const messageLog = () => agent.getByRole('log', { name: 'Messages' })
const panel = () => agent.getByRole('complementary', { name: 'Customer' })
const tab = (of: string) => panel().getByRole('navigation', { name: 'Customer sections' }).getByRole('link', { name: of })

async function say(text: string) {
  await visitor.getByLabel('Write a message').fill(text)
  await visitor.getByLabel('Write a message').press('Enter')
  await expect(log()).toContainText(text)
}

async function reply(text: string) {
  await agent.getByLabel('Reply').fill(text)
  await agent.getByLabel('Reply').press('Enter')
  await expect(messageLog()).toContainText(text)
}

/** Ends the conversation and confirms it. */
async function end() {
  await agent.getByRole('button', { name: 'End', exact: true }).click()
  await agent.getByRole('button', { name: 'End now?' }).click()
}

/** Finds the customer by name and opens it beside the list. */
async function find() {
  const customers = new Customers(agent, '/customers')
  await customers.open({ period: 'all', q: name })
  expect(await customers.total()).toBe(1)
  await customers.names.first().click()
  await expect(panel().getByRole('heading', { name })).toBeVisible()
}

test('a visitor writes, and the agent sees the waiting customer', async () => {
  await visitor.goto('/chat')
  await agent.goto('/conversations')
  await hydrated(agent)
  await visitor.getByLabel('Your name').fill(name)
  await say('Where is my parcel?')
  await expect(visitor.getByRole('status').filter({ hasText: 'An agent will be with you shortly.' })).toBeVisible()
  // Without a reload.
  await agent.getByRole('list', { name: 'Waiting' }).getByRole('link', { name }).click()
  await expect(messageLog()).toContainText('Where is my parcel?')
  customer = new URL(agent.url()).pathname.split('/').at(-1) ?? ''
  expect(customer).toMatch(/^\d+$/)
})

test('the agent accepts, replies and ends; the visitor rates', async () => {
  await agent.getByRole('button', { name: 'Accept' }).click()
  await expect(visitor.getByRole('status').filter({ hasText: 'You are chatting with an agent.' })).toBeVisible()
  await reply('It left this morning.')
  await expect(log()).toContainText('It left this morning.')
  await say('Thanks')
  await expect(messageLog()).toContainText('Thanks')
  await expectAccessible(agent)
  await expectAccessible(visitor)
  await end()
  await expect(visitor.getByRole('group', { name: 'How was your conversation?' })).toBeVisible()
  await visitor.getByRole('radio', { name: '2 of 5 stars' }).check()
  await visitor.getByLabel('Comment').fill('It took too long')
  await visitor.locator('#rating').getByRole('button', { name: 'Send' }).click()
  await expect(visitor.getByRole('status').filter({ hasText: 'Thank you for your rating.' })).toBeVisible()
})

test('the agent finds the customer and edits the profile', async () => {
  await find()
  await panel().getByRole('button', { name: 'Edit Phone' }).click()
  const field = panel().getByLabel('Phone', { exact: true })
  await field.fill('call me')
  await field.press('Enter')
  await expect(panel().getByRole('alert').filter({ hasText: /\S/ })).toBeVisible()
  // The typed text is kept.
  await expect(field).toHaveValue('call me')
  await field.fill('+86 138 0013 8000')
  await field.press('Enter')
  await expect(panel().getByText('+86 138 0013 8000')).toBeVisible()
  await agent.reload()
  await expect(panel().getByText('+86 138 0013 8000')).toBeVisible()
  await expectAccessible(agent)
})

test('two agents edit one field: the second sees the value of the first, and chooses', async ({ browser, baseURL }) => {
  const admins = await browser.newContext({ baseURL, locale: 'en-US' })
  const admin = await admins.newPage()
  await signIn(admin, 'admin')
  await admin.goto(`/admin/customers/${customer}?period=all`)
  await hydrated(admin)
  await hydrated(agent)
  const theirs = admin.getByRole('complementary', { name: 'Customer' })
  await panel().getByRole('button', { name: 'Edit Company' }).click()
  await panel().getByLabel('Company', { exact: true }).fill('Mine')
  await theirs.getByRole('button', { name: 'Edit Company' }).click()
  await theirs.getByLabel('Company', { exact: true }).fill('Theirs')
  await theirs.getByLabel('Company', { exact: true }).press('Enter')
  await expect(theirs.getByText('Theirs')).toBeVisible()
  await panel().getByLabel('Company', { exact: true }).press('Enter')
  const conflict = panel().getByRole('group', { name: 'Changed by someone else' })
  await expect(conflict).toContainText('Theirs')
  await expect(panel().getByLabel('Company', { exact: true })).toHaveValue('Mine')
  await expectAccessible(agent)
  await conflict.getByRole('button', { name: 'Use mine' }).click()
  await expect(conflict).toHaveCount(0)
  // The other agent's open page is updated live.
  await expect(theirs.getByText('Mine', { exact: true })).toBeVisible()
  await panel().getByRole('button', { name: 'History of Company' }).click()
  await expect(panel().getByRole('list', { name: 'History of Company' }).getByRole('listitem')).toHaveCount(2)
  await admins.close()
})

test('tags are created, undone and ticked', async () => {
  await tab('Customer Tags').click()
  await panel().getByLabel('Find or create a tag').fill(`Tag ${stamp}`)
  await panel().getByRole('button', { name: `Create “Tag ${stamp}”` }).click()
  // The toast stays while the pointer is over it.
  const told = agent.locator('.toast').filter({ hasText: 'Added tag' })
  await told.hover()
  const row = agent.getByRole('table', { name: 'Customers' }).getByRole('row').filter({ hasText: name })
  await expect(row).toContainText(`Tag ${stamp}`)
  await expectAccessible(agent)
  await told.getByRole('button', { name: 'Undo' }).click()
  await expect(row).not.toContainText(`Tag ${stamp}`)
  await panel().getByRole('checkbox', { name: `Tag ${stamp}` }).check()
  await expect(row).toContainText(`Tag ${stamp}`)
})

test('three conversations are read as one history', async () => {
  for (const round of [2, 3]) {
    await say(`Question ${round}`)
    await agent.goto(`/conversations/${customer}`)
    await hydrated(agent)
    await agent.getByRole('button', { name: 'Accept' }).click()
    await reply(`Answer ${round}`)
    await end()
    await expect(visitor.getByRole('status').filter({ hasText: 'This conversation has ended. You can write to us again at any time.' })).toBeVisible()
  }
  await find()
  await tab('Interaction').click()
  const reader = panel().getByRole('log', { name: 'Messages' })
  for (const number of [1, 2, 3]) {
    await expect(reader.getByRole('group', { name: `Start of conversation ${number}` })).toBeAttached()
    await expect(reader.getByRole('group', { name: `End of conversation ${number}` })).toBeAttached()
  }
  await expect(reader.getByRole('group', { name: 'End of conversation 1' })).toContainText('It took too long')
  await expect(reader).toContainText('Answer 3')
  await expectAccessible(agent)
  await panel().locator('summary', { hasText: 'Find' }).click()
  await panel().getByRole('button', { name: 'Previous low rating' }).click()
  await expect(agent).toHaveURL(/m=1\b/)
  await panel().getByRole('searchbox', { name: 'Search messages' }).fill('answer 2')
  await panel().getByRole('button', { name: 'Next match' }).click()
  await expect(reader.locator('mark')).toHaveText('Answer 2')
  await agent.goBack()
  await expect(agent).toHaveURL(/m=1\b/)
  // A link to a message survives a reload.
  await agent.reload()
  await expect(reader.locator('.is-marked')).toContainText('Where is my parcel?')
})

test('a callback lands in the new conversation, and the visitor sees it', async () => {
  await panel().getByRole('button', { name: 'Contact Customer' }).click()
  await expect(agent).toHaveURL(new RegExp(`/conversations/${customer}$`))
  await expect(visitor.getByRole('status').filter({ hasText: 'You are chatting with an agent.' })).toBeVisible()
  await reply('We found your parcel.')
  await expect(log()).toContainText('We found your parcel.')
  // The button is disabled while a conversation is open.
  await find()
  await expect(panel().getByRole('button', { name: 'Contact Customer' })).toHaveAttribute('aria-disabled', 'true')
  await expect(panel().getByText('Already has an open conversation').first()).toBeVisible()
})

test('blacklisted: 50 more messages are held and create no conversation', async () => {
  await panel().getByRole('button', { name: 'Add to Blacklist' }).click()
  const dialog = agent.getByRole('dialog', { name: 'Add to Blacklist' })
  await expect(dialog).toContainText('in the last 30 days')
  await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(dialog).toBeVisible()
  await dialog.getByLabel('Reason').fill('Abuse')
  await expectAccessible(agent)
  await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(panel().getByText('Abuse')).toBeVisible()
  await expect(visitor.getByRole('status').filter({ hasText: 'This conversation has ended. You can write to us again at any time.' })).toBeVisible()
  for (let number = 1; number <= 50; number++) {
    const answer = await visitors.request.post('/chat/messages', {
      headers: { origin: new URL(visitor.url()).origin },
      data: { id: `held ${number}`, text: `Held ${number}` },
    })
    expect(answer.status()).toBe(204)
  }
  await expect(log()).toContainText('Held 50')
  await agent.reload()
  await hydrated(agent)
  await panel().getByText(/^50 held messages/).click()
  await expect(panel().locator('.held-messages').getByRole('listitem')).toHaveCount(50)
  await tab('Interaction').click()
  await expect(panel().getByText('4 conversations')).toBeVisible()
  await agent.goto('/conversations')
  await hydrated(agent)
  await expect(agent.getByRole('link', { name })).toHaveCount(0)
})

test('removed: the held messages are opened as a conversation', async () => {
  await find()
  await panel().getByRole('button', { name: 'Remove from Blacklist' }).click()
  const dialog = agent.getByRole('dialog', { name: 'Remove from Blacklist' })
  await dialog.getByRole('checkbox', { name: 'Open a conversation with the 50 held messages' }).check()
  await dialog.getByRole('button', { name: 'Remove from Blacklist' }).click()
  await expect(agent).toHaveURL(new RegExp(`/conversations/${customer}$`))
  await expect(messageLog().getByText('held', { exact: true })).toHaveCount(50)
  await reply('Here we are again.')
  await expect(log()).toContainText('Here we are again.')
  // Two kinds of failed requests are expected: the conflict of two agents, and a conversation that has ended meanwhile.
  expect(said.flat().filter(line => !/status of (409|404 .*\/api\/desk\/one)/.test(line))).toEqual([])
})
