import type { CDPSession, Page } from '@playwright/test'
import { expect, heard, modes, putElements, test, Widget, type ClienteleElement } from '../embed'


// Elements that are mounted, removed, moved, created early, and several in one page.
test.describe.configure({ timeout: 180_000 })

/** Counts timers, modules and their memories in the page. */
async function count(page: Page) {
  await page.addInitScript(() => {
    const timers = new Set<unknown>()
    const memories = new Set<WebAssembly.Memory>()
    Object.assign(window, { counted: { timers, memories } })
    for (const kind of ['Timeout', 'Interval'] as const) {
      const [set, clear] = [window[`set${kind}`], window[`clear${kind}`]]
      const own = (act: (...given: unknown[]) => void, delay?: number, ...given: unknown[]) => {
        const timer = set(() => {
          if (kind === 'Timeout') timers.delete(timer)
          act(...given)
        }, delay)
        timers.add(timer)
        return timer
      }
      Object.assign(window, {
        [`set${kind}`]: own,
        [`clear${kind}`]: (timer: number) => {
          timers.delete(timer)
          clear(timer)
        },
      })
    }
    const note = (instance: WebAssembly.Instance) => {
      for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value)
    }
    const { instantiate, instantiateStreaming } = WebAssembly
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const made = await instantiateStreaming(source, imports)
      note(made.instance)
      return made
    }
    Object.assign(WebAssembly, {
      instantiate: async (source: BufferSource, imports: WebAssembly.Imports) => {
        const made = (await instantiate(source, imports)) as WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance
        note('instance' in made ? made.instance : made)
        return made
      },
    })
  })
  type Counted = { counted: { timers: Set<unknown>; memories: Set<WebAssembly.Memory> } }
  return () =>
    page.evaluate(() => {
      const { timers, memories } = (window as unknown as Counted).counted
      return { timers: timers.size, memories: memories.size, bytes: [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }
    })
}

/** Returns the size of the heap of scripts after a collection, without what the page and the browser record about each mount. */
async function heap(session: CDPSession) {
  const expression = 'performance.clearResourceTimings(); document.querySelector("[aria-label=Events]").replaceChildren()'
  await session.send('Runtime.evaluate', { expression })
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

/** Returns the number of event listeners of the window and the document. */
async function listeners(session: CDPSession) {
  let count = 0
  for (const expression of ['window', 'document', 'document.body']) {
    const { result } = await session.send('Runtime.evaluate', { expression })
    count += (await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId! })).listeners.length
    await session.send('Runtime.releaseObject', { objectId: result.objectId! })
  }
  return count
}

/** Mounts and removes the element, in the middle of requests. */
function toggle(page: Page, times: number) {
  return page.evaluate(async times => {
    // The element is not in the document between two calls.
    const kept = window as unknown as { element: Element; place: Element }
    const element = (kept.element ??= document.querySelector('clientele-customers')!)
    const parent = (kept.place ??= element.parentElement!)
    for (let time = 0; time < times; time++) {
      element.remove()
      await new Promise(over => setTimeout(over, 200))
      parent.append(element)
      await new Promise(over => setTimeout(over, 200))
    }
    element.remove()
  }, times)
}

test('mounted and removed fifty times, it leaves nothing behind', async ({ embed, gate, page, make, host }) => {
  const customer = await make('Fifty Times')
  const counted = await count(page)
  gate.faults.push({ path: /\/api\/customers/, delay: 100 })
  const widget = await embed('plain', 'element', { 'customer-id': String(customer.key) })
  await widget.ready()
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.enable')
  await session.send('HeapProfiler.enable')
  // Code that is loaded or optimised once is no leak.
  await toggle(page, 15)
  await expect.poll(() => gate.streams).toBe(0)
  await page.waitForTimeout(1_000)
  const [size, before, outside] = [await heap(session), await counted(), await listeners(session)]

  await toggle(page, 50)
  await expect.poll(() => gate.streams).toBe(0)
  await expect.poll(async () => (await counted()).timers, { timeout: 15_000 }).toBe(0)
  const [events, requests] = [await widget.events.count(), gate.seen.length]
  await page.waitForTimeout(2_000)
  expect(gate.seen.length).toBe(requests)
  expect(await widget.events.count()).toBe(events)
  const after = await counted()
  expect(after.memories).toBe(1)
  expect(after.bytes).toBeLessThanOrEqual(before.bytes * 1.05)
  expect(await listeners(session)).toBe(outside)
  const grown = await heap(session)
  expect(grown).toBeLessThan(size * 1.05)
  console.log(`heap: ${size} bytes, ${grown} after 50 mounts`)
  // One token serves all of them as long as it is valid.
  expect(host.asked).toBeLessThanOrEqual(3)

  await widget.use('Mount')
  await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible({ timeout: 20_000 })
  await expect.poll(() => gate.streams).toBe(1)
})

test.describe('frames', () => {
  // A frame that is removed aborts what it was loading ahead.
  test.use({ expectedOnConsole: /Failed to fetch/ })

  test('frames that are removed are gone', async ({ embed, page }) => {
    const widget = await embed('plain', 'frame')
    await widget.ready()
    for (let time = 0; time < 5; time++) {
      await widget.use('Unmount')
      await expect.poll(() => page.frames().length).toBe(1)
      await widget.use('Mount')
      await expect.poll(() => page.frames().length).toBe(2)
    }
    await expect(widget.count).toBeVisible({ timeout: 20_000 })
  })
})

for (const mode of modes) {
  test(`mode ${mode}: created before the script, with properties set first and attributes later`, async ({ host, page, make }) => {
    const customer = await make('Created Early')
    await page.goto(host.url('bare'))
    await page.evaluate(() => {
      const defined = () => customElements.get('clientele-customers') !== undefined
      Object.assign(window, { early: !defined() })
    })
    await putElements(page, host.clientele, [{ attributes: { mode }, filters: { period: 'all', q: customer.id } }])
    expect(await page.evaluate(() => (window as unknown as { early: boolean }).early)).toBe(true)
    await page.evaluate(key => document.querySelector('clientele-customers')!.setAttribute('customer-id', key), String(customer.key))
    const widget = new Widget(page, mode)
    await expect(widget.names).toHaveText([customer.name], { timeout: 20_000 })
    await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
    expect((await heard(page)).filter(([, name]) => name === 'ready')).toHaveLength(1)
    expect(host.asked).toBe(1)
  })

  test(`mode ${mode}: React's StrictMode, which mounts twice, gets one console`, async ({ embed, host }) => {
    const widget = await embed('react', mode)
    await widget.ready()
    await widget.page.waitForTimeout(1_000)
    await expect(widget.heard('ready')).toHaveCount(1)
    expect(host.asked).toBe(1)
  })
}

test('moved to another parent, it keeps its state and does not begin anew', async ({ embed, gate, host, make, page }) => {
  const customer = await make('Moved About')
  const widget = await embed()
  await widget.ready()
  await widget.find(customer.id, 1)
  await widget.names.first().click()
  await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
  await widget.field('Company').fill('typed before the move')
  const requests = gate.count(/\/api\/customers\?/)
  for (let time = 0; time < 2; time++) {
    await widget.use('Move')
    await expect(widget.search).toHaveValue(customer.id)
    await expect(widget.field('Company')).toHaveValue('typed before the move')
  }
  await page.waitForTimeout(500)
  await expect(widget.heard('ready')).toHaveCount(1)
  expect(gate.count(/\/api\/customers\?/)).toBe(requests)
  expect(gate.streams).toBe(1)
  expect(host.asked).toBe(1)
  await widget.field('Company').press('Enter')
  await expect(widget.pane.getByText('typed before the move', { exact: true })).toBeVisible()
})

test('two widgets on one page: nothing of one acts on the other, and they share token and stream', async ({ host, gate, page, make, shop }) => {
  const customers = [await make('Upper Customer'), await make('Lower Customer')]
  for (const { id } of customers) for (let number = 0; number < 40; number++) await shop.write(id, `message ${number} of ${id}`)
  await page.goto(host.url('bare'))
  await putElements(
    page,
    host.clientele,
    customers.map(({ id, key }) => ({ attributes: { 'customer-id': String(key) }, filters: { period: 'all', q: id } })),
  )
  const [upper, lower] = [0, 1].map(place => new Widget(page, 'element', page.locator('clientele-customers').nth(place))) as [Widget, Widget]
  await expect(upper.names).toHaveText([customers[0]!.name], { timeout: 20_000 })
  await expect(lower.names).toHaveText([customers[1]!.name], { timeout: 20_000 })
  expect(host.asked).toBe(1)
  await expect.poll(() => gate.streams).toBe(1)
  expect((await heard(page)).filter(([, name]) => name === 'ready').map(([place]) => place).toSorted()).toEqual([0, 1])

  // Keys act where the focus is.
  await lower.names.first().focus()
  await page.keyboard.press('3')
  const log = (widget: Widget) => widget.pane.getByRole('log', { name: 'Messages' })
  await expect(log(lower)).toContainText(`message 39 of ${customers[1]!.id}`)
  await expect(upper.tab('Profile')).toHaveAttribute('aria-current', 'page')
  await upper.names.first().focus()
  await page.keyboard.press('3')
  await expect(log(upper)).toContainText(`message 39 of ${customers[0]!.id}`)

  // Scrolling and jumping to a message.
  const scrolled = (widget: Widget) => log(widget).evaluate(element => (element.scrollTop || element.parentElement?.scrollTop) ?? 0)
  const before = await scrolled(lower)
  await log(upper).hover()
  await page.mouse.wheel(0, -2_000)
  await page.waitForTimeout(300)
  expect(await scrolled(lower)).toBe(before)
  await upper.pane.locator('summary', { hasText: 'Find' }).click()
  await upper.pane.getByRole('searchbox', { name: 'Search messages' }).fill('message 3 of')
  await upper.pane.getByRole('button', { name: 'Previous match' }).click()
  await expect(log(upper).locator('mark')).toHaveText('message 3 of')
  await expect(log(lower).locator('mark')).toHaveCount(0)
  expect(await scrolled(lower)).toBe(before)

  // Typing and saving.
  await upper.tab('Profile').click()
  await upper.edit('Company', 'Upper Company')
  await expect(lower.pane.getByText('Upper Company')).toHaveCount(0)
  const updated = async () => (await heard(page)).filter(([, name]) => name === 'customer-updated').map(([, , { customer }]) => customer)
  await expect.poll(updated).toContain(customers[0]!.key)
  // What concerns the customer of the lower one is shown there by a live event.
  await shop.write(customers[1]!.id, 'written meanwhile')
  await expect(log(lower)).toContainText('written meanwhile')
  await expect(log(upper)).toHaveCount(0)

  // Ids are unique in each root, and a removed widget takes nothing from the other.
  const repeated = await page.evaluate(() =>
    [...document.querySelectorAll('clientele-customers')].flatMap(({ shadowRoot }) => {
      const ids = [...shadowRoot!.querySelectorAll('[id]')].map(({ id }) => id)
      return ids.filter((id, place) => ids.indexOf(id) !== place)
    }),
  )
  expect(repeated).toEqual([])
  await page.evaluate(() => document.querySelector('clientele-customers')!.remove())
  await shop.write(customers[1]!.id, 'written after the other is gone')
  const left = new Widget(page, 'element', page.locator('clientele-customers'))
  await expect(log(left)).toContainText('written after the other is gone')
  expect(gate.streams).toBe(1)
})

test('methods may be called before the console is there', async ({ host, page, make }) => {
  const customer = await make('Called Early')
  await page.goto(host.url('bare'))
  await putElements(page, host.clientele, [{}])
  await page.evaluate(({ key, id }) => {
    const element = document.querySelector<ClienteleElement>('clientele-customers')!
    element.refresh()
    element.updateAppearance({ radius: '0px' })
    element.setFilters({ period: 'all', q: id })
    element.openCustomer(key)
  }, customer)
  const widget = new Widget(page, 'element')
  await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible({ timeout: 20_000 })
  await expect(widget.names).toHaveText([customer.name])
})
