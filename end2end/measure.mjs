// measure.mjs [ADDRESS]: measures load and interaction times in the browser, with a server that runs --demo on this machine.
//
// - The list on a slow CPU and connection (a quarter of the speed, 1.6 Mbit/s, 40 ms): the time until it is readable and until it
//   is usable, and the cumulative layout shift.
// - The compressed size of what the browser loads until then: the script and the WebAssembly of the list.
// - A customer beside the list: the time from the click on its row until it is shown.
// - Interaction to next paint at a quarter of the speed: typing a search, selecting rows, ticking tags.
//
// measure.widget.ts compares the list in the widget with the standalone page.
import { chromium } from '@playwright/test'

const baseURL = process.argv[2] ?? 'http://127.0.0.1:3000'
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const LIST = '/admin/customers?period=all'

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
const context = await browser.newContext({ baseURL, locale: 'en-US', viewport: { width: 1440, height: 900 } })

/** Returns the quantile `share` of the values. */
function at(share, values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

async function signIn() {
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.locator('[data-hydrated]').waitFor()
  await page.getByLabel('Login').fill('admin')
  await page.getByLabel('Password', { exact: true }).fill('clientele-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/customers/)
  await page.close()
}

/** Measures one visit with an empty browser cache. */
async function visitSlowly() {
  const page = await context.newPage()
  const tools = await context.newCDPSession(page)
  await tools.send('Network.enable')
  await tools.send('Network.setCacheDisabled', { cacheDisabled: true })
  const speed = (1.6 * 1024 * 1024) / 8
  await tools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 40,
    downloadThroughput: speed,
    uploadThroughput: speed,
  })
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  await page.addInitScript(() => {
    window.moved = 0
    new PerformanceObserver(list => {
      for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value
    }).observe({ type: 'layout-shift', buffered: true })
    new MutationObserver(() => {
      if (document.documentElement.hasAttribute('data-hydrated')) window.usable ??= performance.now()
    }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-hydrated'] })
  })
  await page.goto(LIST)
  await page.waitForFunction(() => window.usable !== undefined, undefined, { timeout: 60_000 })
  const seen = await page.evaluate(() => ({
    readable: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    usable: window.usable,
    moved: window.moved,
    bytes: performance
      .getEntriesByType('resource')
      .filter(({ name, responseEnd }) => /\.(js|wasm)$/.test(name) && responseEnd < window.usable)
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  }))
  await page.close()
  return seen
}

/** Measures opening each of the rendered customers, several times. */
async function openCustomers() {
  const page = await context.newPage()
  await page.goto(LIST)
  await page.locator('[data-hydrated]').waitFor()
  // Wait until the parts that are loaded on demand have arrived.
  await page.waitForTimeout(2000)
  const times = await page.evaluate(async () => {
    const shown = name =>
      new Promise(resolve => {
        const observer = new MutationObserver(() => {
          if (document.querySelector('.detail-head h2')?.textContent.trim() !== name) return
          observer.disconnect()
          resolve(performance.now())
        })
        observer.observe(document.body, { childList: true, subtree: true, characterData: true })
      })
    const times = []
    for (let round = 0; round < 10; round++) {
      for (const link of document.querySelectorAll('.list-window th a')) {
        const arrives = shown(link.textContent.trim())
        const begin = performance.now()
        link.click()
        times.push((await arrives) - begin)
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
    return times
  })
  await page.close()
  return times
}

/** Measures the time from keys and clicks to the next paint, median and longest, by action. */
async function interact() {
  const page = await context.newPage()
  await page.addInitScript(() => {
    window.paints = {}
    new PerformanceObserver(list => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId) window.paints[interactionId] = Math.max(window.paints[interactionId] ?? 0, duration)
      }
    }).observe({ type: 'event', durationThreshold: 16 })
  })
  await page.goto(LIST)
  await page.locator('[data-hydrated]').waitFor()
  await page.waitForTimeout(2000)
  const tools = await context.newCDPSession(page)
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const paints = async act => {
    await page.waitForTimeout(500)
    await page.evaluate(() => void (window.paints = {}))
    await act()
    await page.waitForTimeout(1000)
    const times = Object.values(await page.evaluate(() => window.paints))
    return `${at(0.5, times)} ms, at most ${Math.max(...times)} ms`
  }
  const typing = await paints(async () => {
    await page.getByRole('searchbox').first().focus()
    for (const letter of 'zhang wei') await page.keyboard.press(letter === ' ' ? 'Space' : letter, { delay: 30 })
  })
  await page.goto(LIST)
  await page.locator('[data-hydrated]').waitFor()
  await page.waitForTimeout(2000)
  const selecting = await paints(async () => {
    for (let row = 0; row < 16; row++) {
      await page.locator('.list-window th a').nth(row).click()
      await page.waitForTimeout(300)
    }
  })
  await page.keyboard.press('2')
  const ticking = await paints(async () => {
    for (let tag = 0; tag < 6; tag++) {
      const box = page.locator('.tag-list input').nth(tag)
      await box.click()
      await page.waitForTimeout(300)
      await box.click()
      await page.waitForTimeout(300)
    }
  })
  await page.close()
  return { typing, selecting, ticking }
}

await signIn()
const visits = []
for (let round = 0; round < 7; round++) visits.push(await visitSlowly())
const middle = what => at(0.5, visits.map(visit => visit[what]))
console.log(
  `the list, slow machine and line, median of ${visits.length}: readable after ${middle('readable').toFixed(0)} ms, ` +
    `usable after ${middle('usable').toFixed(0)} ms, moved by ${middle('moved').toFixed(4)}, ` +
    `${Math.round(middle('bytes') / 1024)} KiB of script and WebAssembly`,
)
const opened = await openCustomers()
console.log(
  `a customer beside the list, ${opened.length} times: median ${at(0.5, opened).toFixed(1)} ms, ` +
    `95th percentile ${at(0.95, opened).toFixed(1)} ms`,
)
const { typing, selecting, ticking } = await interact()
console.log(
  `until the next paint, a quarter of the speed, median: typing ${typing}; selecting a row ${selecting}; ticking a tag ${ticking}`,
)
await browser.close()
