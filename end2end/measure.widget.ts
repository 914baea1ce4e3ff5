// Compares the first list in the widget with that of the standalone page, in one run. Needs a server that runs --demo on this
// machine: `make run ARGS="--public-url http://localhost:3000"`. In end2end/:
//
//     npm run measure-widget                      with the server at http://localhost:3000; `-- ADDRESS` for another one
//     SLOW=1 npm run measure-widget               at a quarter of the CPU's speed, with 1.6 Mbit/s and 40 ms
//
// - The time from the start of the navigation until the first row is visible and the list answers, that is, until the standalone
//   page is hydrated and the widget has sent `ready`. Medians of seven visits with an empty cache and seven with a filled one, in
//   alternating order, with the shortest and the longest time, and the ratio to the standalone page.
// - The size of what is loaded from Clientele until then, as sent (brotli).
//
// The widget is in the plain example page. The back end of that page mints the tokens, with a key that is revoked at the end.
import { resolve } from 'node:path'
import { chromium, type BrowserContext, type Page, type Request } from '@playwright/test'
import { HostServer, minimumPolicy } from './hosts/server'

const clientele = new URL(process.argv[2] ?? 'http://localhost:3000').origin
const port = Number(process.env.PORT ?? 4000)
const slow = process.env.SLOW === '1'

const ROUNDS = 7
const subjects = ['standalone', 'element', 'frame'] as const
type Subject = (typeof subjects)[number]
const caches = ['cold', 'warm'] as const
type Cache = (typeof caches)[number]
const kinds = ['embed.js', 'embed/*.js', 'script', 'WebAssembly', 'CSS', 'other'] as const
type Kind = (typeof kinds)[number]
/** `took` is in milliseconds; `bytes` are those that Clientele sent until the list answered. */
type Visit = { took: number; bytes: Map<Kind, number> }

/** Times in milliseconds since 1970, which can be compared between a page and the frame in it. */
type Seen = { row?: number; answers?: number }
declare global {
  interface Window {
    seen: Seen
  }
}

/** Runs in each page and frame, before its scripts: records when the first row is visible, and when the list answers. */
function watch() {
  const seen: Seen = (window.seen = {})
  const now = () => performance.timeOrigin + performance.now()
  const look = () => {
    const roots = [document, document.querySelector('clientele-customers')?.shadowRoot]
    const rows = roots.map(root => root?.querySelector('.list-window th a'))
    if (rows.some(row => row && row.getBoundingClientRect().height > 0)) seen.row = now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  const answers = () => void (seen.answers ??= now())
  window.addEventListener('ready', answers, true)
  new MutationObserver(() => {
    if (document.documentElement?.hasAttribute('data-hydrated')) answers()
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-hydrated'] })
}

function kindOf(path: string): Kind {
  if (path === '/embed.js') return 'embed.js'
  if (/^\/embed\/.*\.js$/.test(path)) return 'embed/*.js'
  if (path.endsWith('.js')) return 'script'
  if (path.endsWith('.wasm')) return 'WebAssembly'
  return path.endsWith('.css') ? 'CSS' : 'other'
}

/** Returns the sizes of the responses of Clientele that had arrived at a time. */
async function sizes(requests: Request[], until: number) {
  const bytes = new Map<Kind, number>()
  for (const request of requests) {
    const { origin, pathname } = new URL(request.url())
    const { startTime, responseEnd } = request.timing()
    if (origin !== clientele || startTime + responseEnd > until) continue
    const kind = kindOf(pathname)
    // Playwright subtracts the headers also from a response of the cache, of which nothing was sent.
    const size = Math.max(0, (await request.sizes()).responseBodySize)
    bytes.set(kind, (bytes.get(kind) ?? 0) + size)
  }
  return bytes
}

async function slowDown(page: Page) {
  const tools = await page.context().newCDPSession(page)
  const speed = (1.6 * 1024 * 1024) / 8
  await tools.send('Network.enable')
  await tools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: speed,
    uploadThroughput: speed,
  })
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
}

async function visit(context: BrowserContext, subject: Subject, url: string): Promise<Visit> {
  const page = await context.newPage()
  if (slow) await slowDown(page)
  const finished: Request[] = []
  page.on('requestfinished', request => finished.push(request))
  await page.goto(url, { waitUntil: 'commit' })
  const wait = { polling: 100, timeout: 60_000 }
  await page.waitForFunction(() => window.seen.answers !== undefined, undefined, wait)
  const place = subject === 'frame' ? page.frames().find(frame => frame.url().startsWith(clientele)) : page.mainFrame()
  if (!place) throw new Error('the frame is missing')
  await place.waitForFunction(() => window.seen.row !== undefined, undefined, wait)
  const row = await place.evaluate(() => window.seen.row!)
  const [start, answers] = await page.evaluate(() => [performance.timeOrigin, window.seen.answers!] as const)
  const end = Math.max(row, answers)
  // Until the browser has compiled the module completely and cached it.
  await page.waitForTimeout(3000)
  const bytes = await sizes([...finished], end)
  await page.close()
  return { took: end - start, bytes }
}

// Without site isolation the frame is in the process of its page, which is the one that is slowed down.
const args = ['--no-sandbox', '--disable-gpu', ...(slow ? ['--disable-site-isolation-trials'] : [])]
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args })
const agent = { locale: 'en-US', viewport: { width: 1440, height: 900 } }
const office = await browser.newContext({ ...agent, baseURL: clientele })

async function signIn() {
  const page = await office.newPage()
  await page.goto('/sign-in')
  await page.locator('[data-hydrated]').waitFor()
  await page.getByLabel('Login').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill('clientele-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/customers/)
  await page.close()
}

/** Calls a server function of the settings. */
async function call(path: string, data?: object): Promise<unknown> {
  const answer = data ? await office.request.post(`/api/${path}`, { data }) : await office.request.get(`/api/${path}`)
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  return answer.json()
}

/** Allows the example page to embed Clientele while `act` runs. */
async function withHost<T>(act: (host: HostServer) => Promise<T>) {
  const { embed_origins: origins } = (await call('settings')) as { embed_origins: string[] }
  const key = (await call('embedding/create_key', { name: 'measure-widget' })) as string
  const host = new HostServer({ clientele, key, folder: resolve('hosts') })
  host.user = { login: 'admin', role: 'admin' }
  host.policy = minimumPolicy(clientele, 'both')
  try {
    await host.start(port)
    await call('embedding/origins', { add: [host.origin], remove: [] })
    return await act(host)
  } finally {
    if (!origins.includes(host.origin)) await call('embedding/origins', { add: [], remove: [host.origin] })
    await call('embedding/revoke_key', { id: key.split('_')[1] })
    await host.stop()
  }
}

/** Visits all pages in alternating order. Each cold visit has a new browser context; the warm visit follows in the same one. */
async function visitAll(host: HostServer) {
  const storageState = await office.storageState()
  const visits = subjects.map(subject => ({ subject, cold: [] as Visit[], warm: [] as Visit[] }))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { subject, ...results } of round % 2 ? visits.toReversed() : visits) {
      const own = subject === 'standalone'
      const ownUrl = `${clientele}/admin/customers?period=all`
      const url = own ? ownUrl : host.url('plain', { mode: subject, filters: '{"period":"all"}' })
      const context = await browser.newContext({ ...agent, storageState: own ? storageState : undefined })
      await context.addInitScript(watch)
      for (const cache of caches) results[cache].push(await visit(context, subject, url))
      await context.close()
    }
  }
  return visits
}

/** Returns the times of visits in milliseconds. */
function summary(visits: Visit[]) {
  const times = visits.map(({ took }) => took).sort((a, b) => a - b)
  return { median: times[Math.floor(times.length / 2)]!, shortest: times[0]!, longest: times.at(-1)! }
}

const printRow = (cells: unknown[]) => console.log(`| ${cells.join(' | ')} |`)

/** Prints a table in Markdown. */
function printTable(headings: string[], rows: unknown[][]) {
  printRow(headings)
  printRow(headings.map(() => '---'))
  for (const cells of rows) printRow(cells)
  console.log()
}

try {
  await signIn()
  const visits = await withHost(visitAll)
  const standalone = visits[0]!
  const time = (visits: Visit[], cache: Cache) => {
    const { median, shortest, longest } = summary(visits)
    const ratio = median / summary(standalone[cache]).median
    return [`${median.toFixed(0)} (${shortest.toFixed(0)} to ${longest.toFixed(0)})`, ratio.toFixed(2)]
  }
  const speed = slow ? 'slow machine and line' : 'full speed'
  printTable(
    [`ms until the list answers, ${speed}, median of ${ROUNDS}`, 'cold cache', 'ratio', 'warm cache', 'ratio'],
    visits.map(({ subject, cold, warm }) => [subject, ...time(cold, 'cold'), ...time(warm, 'warm')]),
  )
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1)
  printTable(
    ['kB as sent, cold cache', ...kinds, 'all'],
    visits.map(({ subject, cold }) => {
      // Of the last visit: right after the start the server sends its files uncompressed.
      const { bytes } = cold.at(-1)!
      const all = [...bytes.values()].reduce((sum, size) => sum + size, 0)
      return [subject, ...kinds.map(kind => kilobytes(bytes.get(kind) ?? 0)), kilobytes(all)]
    }),
  )
} finally {
  await browser.close()
}
