import type { APIRequestContext } from '@playwright/test'
import { FORGED } from '../embed.gate'
import { allFeatures, ana, boss, expect, stamp, test, type Feature } from '../embed'

// Who gets in: keys, tokens, origins and features.

/** Requests that need each feature; `list` is needed by all. */
const calls: Record<Feature, (key: number) => [path: string, data?: object]> = {
  list: () => ['/api/customers?mode=admin&query=period%3Dall&start='],
  edit: key => ['/api/customers/profile', { mode: 'admin', key, field: 'company', seen: '', value: 'changed' }],
  tags: key => ['/api/customers/tag', { mode: 'admin', key, tag: 1, on: true }],
  callback: key => ['/api/customers/callback', { mode: 'admin', key, request: stamp() }],
  blacklist: key => ['/api/customers/blacklist', { mode: 'admin', key, reason: 'tested', days: null }],
}

/** Calls the API as a page of an origin does, and returns the status. */
async function call(request: APIRequestContext, token: string, origin: string | null, path: string, data?: object) {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (origin !== null) Object.assign(headers, { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })
  const answer = data ? await request.post(path, { headers, data }) : await request.get(path, { headers })
  return answer.status()
}

const LIST = calls.list(0)[0]

test('a token reads the list, from its origin only', async ({ request, host, stranger }) => {
  const token = await host.mint(boss)
  expect(await call(request, token, host.origin, LIST)).toBe(200)
  for (const origin of [stranger.origin, 'https://evil.example', 'null', `${host.origin}.evil.example`, null]) {
    expect(await call(request, token, origin, LIST), String(origin)).not.toBe(200)
  }
  const read = await request.get('/api/v1/embed/session', { headers: { authorization: `Bearer ${token}`, origin: host.origin } })
  const session = (await read.json()) as { role: string; features: Feature[]; expires_in: number }
  expect(session).toMatchObject({ role: 'admin', features: allFeatures })
  expect(session.expires_in).toBeLessThanOrEqual(300)
  expect(session.expires_in).toBeGreaterThan(290)
})

test('forged, ended and cut tokens are refused, everywhere', async ({ request, host, make }) => {
  const customer = await make('Not For Forgers')
  const token = await host.mint(boss)
  const ended = await host.mint(boss)
  const gone = await request.delete('/api/v1/embed/session', { headers: { authorization: `Bearer ${ended}`, origin: host.origin } })
  expect(gone.status()).toBe(204)
  const revoked = await host.mint(boss)
  await host.revoke(revoked)
  const wrong = [FORGED, ended, revoked, token.slice(0, -1), `${token}0`, token.toUpperCase(), token.replace('cet_', ''), 'cet_', "cet_' OR 1=1"]
  for (const bad of wrong) {
    for (const [path, data] of Object.values(calls).map(of => of(customer.key))) {
      expect(await call(request, bad, host.origin, path, data), `${bad} ${path}`).toBe(401)
    }
    expect(await call(request, bad, host.origin, '/events?mode=admin&after='), bad).toBe(401)
    expect(await call(request, bad, host.origin, '/api/v1/embed/session'), bad).toBe(401)
  }
  expect(await call(request, token, host.origin, LIST)).toBe(200)
})

test('a token of five minutes is refused afterwards', async ({ request, host }) => {
  test.skip(process.env.REAL_EXPIRY === undefined, 'takes five minutes: REAL_EXPIRY=1')
  test.setTimeout(400_000)
  const token = await host.mint(boss)
  await new Promise(over => setTimeout(over, 301_000))
  expect(await call(request, token, host.origin, LIST)).toBe(401)
})

for (const feature of allFeatures.filter(feature => feature !== 'list')) {
  test(`without ${feature}, only ${feature} is refused`, async ({ request, host, make }) => {
    const customer = await make(`Without ${feature}`)
    const token = await host.mint({ ...boss, features: allFeatures.filter(other => other !== feature) })
    expect(await call(request, token, host.origin, LIST)).toBe(200)
    for (const other of allFeatures) {
      const [path, data] = calls[other](customer.key)
      const status = await call(request, token, host.origin, path, data)
      // Permitted calls may be refused for another reason, such as the customer's open conversation.
      if (other === feature) expect(status, path).toBe(403)
      else expect([200, 409], path).toContain(status)
    }
    if (feature !== 'callback') return
    // What a customer wrote while blacklisted becomes a conversation of the agent.
    const opening = { mode: 'admin', key: customer.key, open_held: true }
    expect(await call(request, token, host.origin, '/api/customers/unblacklist', opening)).toBe(403)
  })
}

test('no token talks to customers, changes settings, or manages keys', async ({ request, host, make }) => {
  const customer = await make('Not To Talk To')
  const token = await host.mint(boss)
  const forbidden: [string, object?][] = [
    ['/api/desk/accept', { key: customer.key }],
    ['/api/settings'],
    ['/api/settings/customers_page', { on: false }],
    ['/api/channels'],
    ['/api/channels/create', { channel: 'app', name: 'by a token' }],
    ['/api/embedding/create_key', { name: 'by a token' }],
    ['/api/embedding/origins', { add: ['https://evil.example'], remove: [] }],
    ['/api/embedding/keys'],
  ]
  for (const [path, data] of forbidden) expect([401, 403, 404], path).toContain(await call(request, token, host.origin, path, data))
})

test('an agent gets no Admin Mode, whatever the back end writes into the token', async ({ request, host }) => {
  const token = await host.mint({ ...ana, role: 'admin' }).catch(() => null)
  if (token === null) return
  expect(await call(request, token, host.origin, LIST)).toBe(403)
  expect(await call(request, token, host.origin, LIST.replace('admin', 'agent'))).toBe(200)
})

test('an admin with a token of an agent gets no Admin Mode', async ({ request, host }) => {
  const token = await host.mint({ ...boss, role: 'agent' })
  expect(await call(request, token, host.origin, LIST)).toBe(403)
  expect(await call(request, token, host.origin, LIST.replace('admin', 'agent'))).toBe(200)
})

test('keys: an unknown one, one in a browser, another origin, a revoked one', async ({ request, host, stranger, admin }) => {
  const data = { agent: { login: boss.login }, role: boss.role, origin: host.origin }
  const mint = async (secret: string, more: object = {}, headers: Record<string, string> = {}) => {
    const answer = await request.post('/api/v1/embed/sessions', { data: { ...data, ...more }, headers: { authorization: `Bearer ${secret}`, ...headers } })
    return answer.status()
  }
  const { id, text: secret } = await admin.createKey(`revoked ${stamp()}`)
  expect(await mint(secret)).toBe(201)
  for (const wrong of ['', 'cek_', secret.slice(0, -1), secret.replace(/.$/, last => (last === '0' ? '1' : '0')), FORGED]) {
    expect(await mint(wrong), wrong).toBe(401)
  }
  expect(await mint(secret, {}, { origin: host.origin })).toBe(403)
  expect(await mint(secret, { origin: stranger.origin })).toBe(403)
  expect(await mint(secret, { agent: { login: `nobody_${stamp()}` } })).toBe(403)
  for (const malformed of [{ features: ['list', 'everything'] }, { features: 'list' }, { role: 'owner' }, { agent: {} }, { origin: 7 }, { origin: null }]) {
    expect([400, 422], JSON.stringify(malformed)).toContain(await mint(secret, malformed))
  }
  const minted = await request.post('/api/v1/embed/sessions', { data, headers: { authorization: `Bearer ${secret}` } })
  const { token } = (await minted.json()) as { token: string }
  expect(await call(request, token, host.origin, LIST)).toBe(200)
  await admin.revokeKey(id)
  expect(await mint(secret)).toBe(401)
  expect(await call(request, token, host.origin, LIST)).toBe(401)
})

test('an origin that is taken off the list loses its tokens and its frame', async ({ request, host, stranger, admin }) => {
  await admin.allow([stranger.origin])
  const token = await host.mint(boss, stranger.origin)
  expect(await call(request, token, stranger.origin, LIST)).toBe(200)
  await admin.forbid(stranger.origin)
  expect(await call(request, token, stranger.origin, LIST)).not.toBe(200)
  expect((await request.get('/embed/frame')).headers()['content-security-policy']).not.toContain(stranger.origin)
})

test.describe('an origin that is not on the list', () => {
  test.use({ expectedOnConsole: /CORS policy|Failed to load resource|net::ERR|frame-ancestors|Content Security Policy|status of 4\d\d|refused to connect/ })

  for (const mode of ['element', 'frame'] as const) {
    test(`sees neither frame nor data, not even with a stolen token (${mode})`, async ({ host, stranger, page, make }) => {
      const customer = await make('Not For Strangers')
      const stolen = await host.mint(boss)
      stranger.policy = null
      await page.route('**/token', route => route.fulfill({ json: { token: stolen } }))
      const answers: string[] = []
      page.on('response', async response => {
        const { origin, pathname } = new URL(response.url())
        if (origin === stranger.api && /^\/(api|events)/.test(pathname)) answers.push(await response.text().catch(() => ''))
      })
      await page.goto(stranger.url('plain', { mode, filters: JSON.stringify({ period: 'all', q: customer.id }) }))
      const errors = page.getByRole('list', { name: 'Events' }).getByRole('listitem').filter({ hasText: /^(load-error|session-expired) / })
      await expect(errors).toHaveText(['load-error {"reason":"origin"}'], { timeout: 20_000 })
      await expect(page.locator('clientele-customers')).not.toContainText(customer.name)
      for (const frame of page.frames().slice(1)) expect(await frame.evaluate(() => document.body.innerText).catch(() => '')).not.toContain(customer.name)
      for (const answer of answers) expect(answer).not.toContain(customer.name)
      // The same request by hand.
      const read = await page.evaluate(
        ([url, token]) => fetch(url!, { headers: { authorization: `Bearer ${token}` } }).then(answer => answer.text(), error => String(error)),
        [`${stranger.api}${LIST}`, stolen],
      )
      expect(read).toContain('TypeError')
    })
  }
})

test('preflights name the origin for origins on the list, never cookies, and nothing for others', async ({ request, host, stranger }) => {
  const ask = async (origin: string, path: string) => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' }
    return (await request.fetch(path, { method: 'OPTIONS', headers })).headers()
  }
  for (const path of ['/api/customers', '/events', '/api/v1/embed/session']) {
    const allowed = await ask(host.origin, path)
    expect(allowed['access-control-allow-origin'], path).toBe(host.origin)
    expect(allowed['access-control-allow-credentials'], path).toBeUndefined()
    expect(allowed['vary']?.toLowerCase(), path).toContain('origin')
    expect((await ask(stranger.origin, path))['access-control-allow-origin'], path).toBeUndefined()
  }
  for (const path of ['/api/v1/messages', '/api/v1/embed/sessions', '/api/v1/embed/sessions/revoke', '/sign-in', '/customers']) {
    expect((await ask(host.origin, path))['access-control-allow-origin'], path).toBeUndefined()
  }
})
