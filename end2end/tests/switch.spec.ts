import type { Page, Request } from '@playwright/test'
import { Customers, enableCustomersPage, expect, listen, signIn, test } from '../fixtures'

// One scenario on a separate server: the page is turned off, on, and off again while an agent has it open.
test.describe.configure({ mode: 'serial' })

let admin: Page
let agent: Page
let said: string[]

test.beforeAll(async ({ browser, baseURL }) => {
  const [admins, agents] = [await browser.newContext({ baseURL }), await browser.newContext({ baseURL })]
  said = listen(agents)
  admin = await admins.newPage()
  agent = await agents.newPage()
  await signIn(admin, 'admin')
  await signIn(agent, 'agent')
})

test.afterAll(async () => {
  await admin.context().close()
  await agent.context().close()
})

const link = () => agent.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Customers' })

/** Marks the page, so that `stayed` can detect a reload. */
const mark = () => agent.evaluate(() => Object.assign(window, { stayed: true }))
const stayed = () => agent.evaluate(() => 'stayed' in window)

test('off: no link, and 403', async () => {
  await enableCustomersPage(admin, false)
  expect((await agent.goto('/customers'))?.status()).toBe(403)
  await expect(agent.getByRole('heading', { name: 'The Customers page is turned off' })).toBeVisible()
  await expect(link()).toHaveCount(0)
})

test('the Customers page of Admin Mode stays available', async () => {
  const customers = new Customers(admin, '/admin/customers')
  await customers.open({ period: 'all' })
  expect(await customers.total()).toBeGreaterThan(0)
})

test('an admin turns it on, and it appears', async () => {
  await enableCustomersPage(admin, true)
  await expect(link()).toBeVisible()
  const customers = new Customers(agent, '/customers')
  await customers.open({ period: 'all' })
  expect(await customers.total()).toBeGreaterThan(0)
})

test('turned off: an open page loses it at once, and all its endpoints reject requests', async () => {
  const customers = new Customers(agent, '/customers')
  const calls: Request[] = []
  const collect = (request: Request) => {
    if (new URL(request.url()).pathname.startsWith('/api/customers')) calls.push(request)
  }
  agent.on('request', collect)
  await customers.open({ period: 'all' })
  await customers.search.pressSequentially('wei')
  await expect(agent).toHaveURL(/q=wei/)
  await expect.poll(() => calls.length).toBeGreaterThan(0)
  agent.off('request', collect)

  await mark()
  const before = said.length
  await enableCustomersPage(admin, false)
  await expect(agent.getByRole('heading', { name: 'The Customers page is turned off' })).toBeVisible({ timeout: 1000 })
  await expect(customers.table).toHaveCount(0)
  await expect(link()).toHaveCount(0)
  expect(await stayed()).toBe(true)
  // Its requests are rejected, which the browser reports; there are no other errors.
  expect(said.slice(before).filter(line => !/status of 403/.test(line))).toEqual([])

  expect((await agent.request.get('/customers')).status()).toBe(403)
  for (const call of calls) {
    const { 'content-type': type = '' } = call.headers()
    const answer = await agent.request.fetch(call.url(), {
      method: call.method(),
      headers: type ? { 'content-type': type } : {},
      data: call.postDataBuffer() ?? undefined,
    })
    expect(answer.status(), `${call.method()} ${call.url()}`).toBe(403)
  }
})

test('an admin in Agent Mode is an agent there', async () => {
  expect((await admin.request.get('/customers')).status()).toBe(403)
  expect((await admin.request.get('/admin/customers')).status()).toBe(200)
})

test('turned on again: it returns without a reload', async () => {
  await mark()
  await enableCustomersPage(admin, true)
  await expect(link()).toBeVisible({ timeout: 1000 })
  await expect(new Customers(agent, '/customers').table).toBeVisible()
  expect(await stayed()).toBe(true)
})

test('a choice that cannot be saved is reverted, and a saved one appears for another admin', async ({ browser, baseURL }) => {
  const others = await browser.newContext({ baseURL })
  const other = await others.newPage()
  await signIn(other, 'admin')
  const week = (page: Page) => page.getByRole('combobox', { name: 'Week starts on' })
  for (const page of [admin, other]) {
    await page.goto('/admin/settings')
    await page.locator('html[data-hydrated]').waitFor()
  }
  await expect(week(admin)).toHaveValue('sunday')
  await admin.route('**/api/settings/**', route => (route.request().method() === 'POST' ? route.fulfill({ status: 503, body: '' }) : route.continue()))
  await week(admin).selectOption('monday')
  await expect(admin.getByRole('alert').filter({ hasText: /./ }).first()).toBeVisible()
  await expect(week(admin)).toHaveValue('sunday')
  await admin.unroute('**/api/settings/**')
  await week(admin).selectOption('saturday')
  await expect(week(other)).toHaveValue('saturday')
  await week(other).selectOption('sunday')
  await expect(week(admin)).toHaveValue('sunday')
  await others.close()
})
