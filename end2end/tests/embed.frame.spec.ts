import { ana, expect, modes, test } from '../embed'

// The frame: what surrounds it, who may frame it, and what crosses its border.
test.describe.configure({ timeout: 90_000 })

test('the frame is sandboxed: it cannot navigate the page around it', async ({ embed }) => {
  const widget = await embed('plain', 'frame')
  await widget.ready()
  const frame = widget.element.locator('iframe')
  const allowed = ((await frame.getAttribute('sandbox')) ?? 'no sandbox').split(' ')
  expect(allowed).toContain('allow-scripts')
  expect(allowed.filter(token => /top-navigation|pointer-lock|presentation/.test(token))).toEqual([])
  // A name for screen readers.
  expect(await frame.getAttribute('title')).toMatch(/\S/)
})

test('only the document of the frame can be framed, and only by the origins on the list', async ({ host, stranger, request }) => {
  const frame = (await request.get('/embed/frame')).headers()
  const ancestors = /frame-ancestors ([^;]*)/.exec(frame['content-security-policy'] ?? '')?.[1]?.split(' ') ?? []
  expect(ancestors).toContain(host.origin)
  expect(ancestors).not.toContain(stranger.origin)
  for (const ancestor of ancestors) expect(ancestor).not.toContain('*')
  expect(frame['x-frame-options']).toBeUndefined()
  for (const path of ['/sign-in', '/customers', '/admin/customers', '/api/v1', '/embed', '/embed/other']) {
    const headers = (await request.get(path, { headers: { accept: 'text/html' } })).headers()
    expect(headers['content-security-policy'], path).toContain(`frame-ancestors 'none'`)
    expect(headers['x-frame-options'], path).toBe('DENY')
  }
})

test('outside of a host page the document of the frame shows nothing and requests no data', async ({ page, office, baseURL }) => {
  const requests: string[] = []
  office.on('request', request => requests.push(new URL(request.url()).pathname))
  for (const tab of [page, office]) {
    await tab.goto(`${baseURL}/embed/frame`)
    await tab.waitForLoadState('networkidle')
    await expect(tab.getByRole('table')).toHaveCount(0)
  }
  // Not even with the cookie of a signed-in admin.
  expect(requests.filter(path => path.startsWith('/api/') || path.startsWith('/events'))).toEqual([])
})

test('the token is not in the URL of the frame, and no page of the frame stores it', async ({ embed, host, page }) => {
  const widget = await embed('plain', 'frame')
  await widget.ready()
  const [{ token } = { token: '' }] = host.minted
  expect(token).toMatch(/^cet_[0-9a-f]{64}$/)
  for (const frame of page.frames()) {
    expect(frame.url()).not.toContain(token)
    // A frame without an origin has no storage.
    const stored = frame.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
    expect(await stored.catch(() => '')).not.toContain(token)
  }
})

test('messages of other windows are ignored, also those that repeat the messages of the frame', async ({ embed, host, page, make }) => {
  const customer = await make('Not For Others')
  // The host page frames a page of somebody else.
  host.policy = null
  await page.addInitScript(() => {
    const said: unknown[] = []
    Object.assign(window, { said })
    // Only messages that can be repeated; ports cannot.
    addEventListener('message', ({ data, ports }) => void (ports.length === 0 && said.push(data)))
    if (location.pathname !== '/embed/frame') return
    // Another window offers it a port, before the page around the frame does.
    const start = { attributes: {}, query: '', appearance: {}, token: false }
    const timer = setInterval(() => postMessage({ clientele: 'port', start }, '*', [new MessageChannel().port2]))
    setTimeout(() => clearInterval(timer), 5_000)
  })
  const widget = await embed('plain', 'frame')
  await widget.ready()
  await widget.openCustomer(customer.key)
  await widget.expectEvent('customer-selected', { customer: customer.key })
  const events = await widget.events.allInnerTexts()
  const said = await page.evaluate(() => (window as unknown as { said: unknown[] }).said)

  await page.evaluate(url => {
    const frame = document.createElement('iframe')
    frame.src = url
    document.querySelector('main')!.append(frame)
  }, `${host.origin.replace('127.0.0.1', 'localhost')}/bare/`)
  const evil = () => page.frames().find(frame => frame.url().endsWith('/bare/'))
  await expect.poll(() => evil()?.url()).toBeTruthy()
  const guesses = [{ name: 'session-expired', detail: {} }, { type: 'event', name: 'load-error', detail: { reason: 'x' } }, { type: 'token' }]
  await evil()!.evaluate(messages => {
    for (const message of messages) {
      parent.postMessage(message, '*')
      for (let number = 0; number < parent.frames.length; number++) parent.frames[number]!.postMessage(message, '*')
    }
  }, [...said, ...guesses])
  await page.waitForTimeout(500)
  expect(await widget.events.allInnerTexts()).toEqual(events)
  await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
  // The port is still the one of the frame.
  const other = await make('After All')
  await widget.openCustomer(other.key)
  await widget.expectEvent('customer-selected', { customer: other.key })
})

test('changing the mode mounts anew, and events and methods go on', async ({ embed, make }) => {
  const customer = await make('Both Modes')
  const widget = await embed('plain', 'element')
  await widget.ready()
  await widget.tools.getByLabel('Mode').selectOption('frame')
  await expect(widget.heard('ready')).toHaveCount(2, { timeout: 20_000 })
  await widget.openCustomer(customer.key)
  await widget.expectEvent('customer-selected', { customer: customer.key })
  await expect(widget.element.frameLocator('iframe').getByRole('heading', { name: customer.name })).toBeVisible()
  await expect(widget.element.getByRole('table', { name: 'Customers' })).toHaveCount(0)
})

for (const mode of modes) {
  test(`mode ${mode}: works in a browser that blocks storage and cookies`, async ({ embed, page, make }) => {
    const customer = await make('No Storage')
    await page.addInitScript(() => {
      const denied = () => {
        throw new DOMException('The request was denied.', 'SecurityError')
      }
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) Object.defineProperty(window, name, { get: denied })
      Object.defineProperty(document, 'cookie', { get: denied, set: denied })
    })
    // The plain page stores a theme of its own and would fail here.
    const widget = await embed('react', mode, { filters: JSON.stringify({ period: 'all', q: customer.id }) })
    await widget.ready()
    await expect(widget.names).toHaveText([customer.name])
    await widget.names.first().click()
    await widget.edit('Company', 'Kept In Memory')
  })

  test(`mode ${mode}: sends no cookies, even if the browser has them`, async ({ embed, host, page, context, office, make }) => {
    const customer = await make('Only For Admins')
    // An admin who is signed in to the standalone console as well.
    await context.addCookies((await office.context().cookies()).map(cookie => ({ ...cookie, sameSite: 'Lax' as const })))
    host.user = ana
    const sent: string[] = []
    page.on('request', async request => {
      if (!/^\/(api|events)/.test(new URL(request.url()).pathname)) return
      const { cookie, authorization } = await request.allHeaders()
      sent.push(cookie ? `cookie: ${request.url()}` : (authorization ?? `no token: ${request.url()}`))
    })
    const widget = await embed('plain', mode)
    await widget.ready()
    await expect.poll(() => sent.length).toBeGreaterThan(1)
    for (const line of sent) expect(line).toMatch(/^Bearer cet_/)
    // The agent of the token counts, not that of the cookie.
    await widget.find(customer.id, 0)
  })
}
