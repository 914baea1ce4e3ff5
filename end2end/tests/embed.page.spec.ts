import { ana, ben, colleague, expect, heard, modes, putElements, serve, test, type ClienteleElement } from '../embed'

// What the page around the element does: it hides it, signs another user in, listens to keys, and drops it.
test.describe.configure({ timeout: 90_000 })
// Tokens are refused on purpose.
test.use({ expectedOnConsole: /Failed to load resource|net::ERR/ })

for (const mode of modes) {
  test(`mode ${mode}: hidden by the page, nothing of it can be seen or clicked`, async ({ embed }) => {
    const widget = await embed('plain', mode)
    await widget.ready()
    const shown = mode === 'frame' ? widget.element.locator('iframe') : widget.search
    for (const style of ['display: none', 'visibility: hidden']) {
      for (const of of ['clientele-customers', '.place']) {
        const place = widget.page.locator(of).first()
        await place.evaluate((element: HTMLElement, style) => (element.style.cssText += `; ${style}`), style)
        await expect(shown).toBeHidden()
        await place.evaluate((element: HTMLElement, style) => element.style.removeProperty(style.split(':')[0]!), style)
        await expect(shown).toBeVisible()
      }
    }
  })
}

test('the close button of a dialog closes it, and Esc in it does not reach the page', async ({ embed, page }) => {
  const widget = await embed()
  await widget.ready()
  await page.evaluate(() => {
    Object.assign(window, { escapes: 0 })
    document.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') (window as unknown as { escapes: number }).escapes++
    })
  })
  const shortcuts = widget.root.getByRole('dialog', { name: 'Keyboard shortcuts' })
  const open = async () => {
    await widget.names.first().focus()
    await page.keyboard.press('?')
    await expect(shortcuts).toBeVisible()
  }
  await open()
  await shortcuts.getByRole('button', { name: 'Close' }).click()
  await expect(shortcuts).toBeHidden()
  await open()
  await page.keyboard.press('Escape')
  await expect(shortcuts).toBeHidden()
  expect(await page.evaluate(() => (window as unknown as { escapes: number }).escapes)).toBe(0)
})

test('after the end of the session the page around it can be used, and keeps the focus', async ({ embed, gate, host, page }) => {
  const widget = await embed()
  await widget.ready()
  gate.expire(host.minted.map(({ token }) => token))
  host.faults.push({ kind: 'fail' })
  const field = page.getByLabel('Search Harbour')
  await widget.use('Refresh')
  await field.click()
  await expect(widget.over).toBeVisible({ timeout: 20_000 })
  await expect(field).toBeFocused()
  await field.pressSequentially('still here')
  await expect(field).toHaveValue('still here')
  // What is covered cannot be reached with the keyboard.
  expect(await widget.search.evaluate((field: HTMLElement) => field.closest('[inert]') !== null)).toBe(true)
  host.faults.length = 0
  await widget.over.getByRole('button', { name: 'Try again' }).click()
  await expect(widget.over).toBeHidden()
  await widget.search.fill('no customer has this name')
  await widget.expectTotal(0)
})

test('a session that ends below a dialog of the console can go on', async ({ embed, gate, host, make }) => {
  const customer = await make('Ends Below')
  const widget = await embed('plain', 'element', { 'customer-id': String(customer.key) })
  await widget.ready()
  await widget.pane.getByRole('button', { name: 'Add to Blacklist' }).click()
  const dialog = widget.root.getByRole('dialog', { name: 'Add to Blacklist' })
  await dialog.getByLabel('Reason').fill('typed before the end')
  gate.expire(host.minted.map(({ token }) => token))
  host.faults.push({ kind: 'fail' })
  await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(widget.over).toBeVisible({ timeout: 20_000 })
  host.faults.length = 0
  await widget.over.getByRole('button', { name: 'Try again' }).click()
  await expect(widget.over).toBeHidden()
  await expect(dialog.getByLabel('Reason')).toHaveValue('typed before the end')
  await dialog.getByRole('button', { name: 'Add to Blacklist' }).click()
  await expect(dialog).toBeHidden()
})

test('a callback that is set by a listener of session-expired is called', async ({ embed, gate, host }) => {
  const widget = await embed()
  await widget.ready()
  await widget.element.evaluate((element: ClienteleElement) => {
    const { fetchToken } = element
    element.addEventListener('session-expired', () => {
      // A console in its own page would sign the user in first.
      setTimeout(() => Object.assign(window, { signedIn: true }))
      element.fetchToken = async () => {
        while (!('signedIn' in window)) await new Promise(over => setTimeout(over, 50))
        return fetchToken!()
      }
    })
  })
  gate.expire(host.minted.map(({ token }) => token))
  host.faults.push({ kind: 'fail', times: 3 })
  await widget.use('Refresh')
  await expect(widget.heard('session-expired')).toHaveCount(1, { timeout: 20_000 })
  await expect(widget.over).toBeHidden()
  await widget.search.fill('no customer has this name')
  await widget.expectTotal(0)
})

test('another user whose page did not call logout() gets an own session after a while', async ({ embed, host, make, browser, baseURL, office, page }) => {
  const desk = await colleague(browser, baseURL!, 'agent')
  const own = await make('Ana Without Logout')
  await serve(desk, [own])
  const other = await make('Ben Without Logout')
  await serve(office, [other])
  await desk.context().close()
  host.user = ana
  const widget = await embed()
  await widget.ready()
  await expect(widget.names.filter({ hasText: own.name })).toBeVisible()
  await page.evaluate(() => document.querySelector('clientele-customers')!.remove())
  host.user = ben
  await page.waitForTimeout(5_500)
  await page.evaluate(() => {
    const element = document.createElement('clientele-customers') as ClienteleElement
    Object.assign(element, { filters: { period: 'all' }, fetchToken: async () => ((await (await fetch('/token', { method: 'POST' })).json()) as { token: string }).token })
    document.querySelector('.place')!.append(element)
  })
  await expect(widget.names.filter({ hasText: other.name })).toBeVisible({ timeout: 20_000 })
  await expect(widget.names.filter({ hasText: own.name })).toHaveCount(0)
})

test('elements that are removed are released, also when each is a new one', async ({ host, page }) => {
  await page.goto(host.url('bare'))
  await putElements(page, host.clientele, [{}])
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  const mounts = 4
  for (let mount = 0; mount < mounts; mount++) {
    if (mount > 0) await putElements(page, host.clientele, [{}])
    await expect.poll(async () => (await heard(page)).filter(([, name]) => name === 'ready').length, { timeout: 20_000 }).toBe(mount + 1)
    await page.evaluate(() => {
      const kept = ((window as unknown as { removed: WeakRef<Element>[] }).removed ??= [])
      const element = document.querySelector('clientele-customers')!
      kept.push(new WeakRef(element))
      element.remove()
    })
    await page.waitForTimeout(500)
  }
  // The first one is kept: what all of them share comes from it.
  await expect(async () => {
    await session.send('HeapProfiler.collectGarbage')
    expect(await page.evaluate(() => (window as unknown as { removed: WeakRef<Element>[] }).removed.filter(removed => removed.deref()).length)).toBeLessThanOrEqual(1)
  }).toPass({ timeout: 20_000 })
})

test('with storage blocked, drafts last as long as the page', async ({ embed, make, page }) => {
  await page.addInitScript(() => {
    for (const storage of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, storage, {
        get() {
          throw new DOMException('blocked', 'SecurityError')
        },
      })
    }
  })
  const [first, second] = [await make('Blocked One'), await make('Blocked Two')]
  // The plain page stores a theme of its own and would fail here.
  const widget = await embed('react', 'element', { 'customer-id': String(first.key) })
  await widget.ready()
  await widget.pane.getByRole('button', { name: 'Edit Company' }).click()
  await widget.field('Company').fill('kept in the page')
  await widget.openCustomer(second.key)
  await expect(widget.pane.getByRole('heading', { name: second.name })).toBeVisible()
  await widget.openCustomer(first.key)
  await expect(widget.field('Company')).toHaveValue('kept in the page')
})
