import type { Page } from '@playwright/test'
import { expect, heard, modes, putElements, test, type Made, type Mode } from '../embed'


// Style sheets of the page around the element, and those of the element.
test.describe.configure({ timeout: 120_000 })

/** Opens the bare page with one element and a customer, and returns what is drawn in the place of the element. */
async function draw(page: Page, url: string, clientele: string, customer: Made, mode: Mode, hostile: boolean, open: (page: Page) => Promise<void>) {
  // Relative times would differ by the time between both pictures.
  await page.clock.setFixedTime(customer.made)
  await page.goto(url)
  if (hostile) {
    await page.evaluate(async () => {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/bare/hostile.css' })
      document.head.append(link)
      await new Promise(loaded => (link.onload = loaded))
    })
  }
  await putElements(page, clientele, [{ attributes: { mode, theme: 'light' }, filters: { period: 'all', q: customer.id } }])
  await page.evaluate(() => {
    const { style } = document.querySelector<HTMLElement>('clientele-customers')!
    // The size and the place are the page's business.
    const at = { position: 'fixed', top: '0', left: '0', right: 'auto', bottom: 'auto', width: '1200px', height: '800px' }
    const place = { ...at, margin: '0', border: '0', outline: 'none' }
    for (const [name, value] of Object.entries(place)) style.setProperty(name, value, 'important')
  })
  await expect.poll(async () => (await heard(page)).map(([, name]) => name), { timeout: 20_000 }).toEqual(['ready'])
  await open(page)
  await page.mouse.move(1300, 850)
  await page.waitForTimeout(500)
  return page.screenshot({ clip: { x: 0, y: 0, width: 1200, height: 800 }, animations: 'disabled', caret: 'hide' })
}

/** Returns the number of pixels that differ, and the smallest rectangle that contains them: left, top, right, bottom. */
function difference(page: Page, pictures: Buffer[]) {
  return page.evaluate(async sources => {
    const read = async (source: string) => {
      const image = new Image()
      image.src = `data:image/png;base64,${source}`
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')!
      context.drawImage(image, 0, 0)
      return new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)
    }
    const [one, two] = await Promise.all(sources.map(read))
    const places = [...one!.keys()].filter(place => one![place] !== two![place])
    const [columns, lines] = [places.map(place => place % 1200), places.map(place => Math.floor(place / 1200))]
    const box = [Math.min(...columns), Math.min(...lines), Math.max(...columns), Math.max(...lines)]
    return places.length > 0 || one!.length !== two!.length ? { pixels: places.length, box } : null
  }, pictures.map(picture => picture.toString('base64')))
}

/** States of the console to compare. */
const states: Record<string, (page: Page, mode: Mode) => Promise<void>> = {
  list: async () => {},
  customer: async (page, mode) => {
    const root = rootOf(page, mode)
    await root.getByRole('rowheader').getByRole('link').first().click()
    await expect(root.getByRole('complementary', { name: 'Customer', exact: true }).getByRole('heading', { level: 3 })).toBeVisible()
  },
  dialog: async (page, mode) => {
    const root = rootOf(page, mode)
    await states.customer!(page, mode)
    await root.getByRole('button', { name: 'Add to Blacklist' }).click()
    await expect(root.getByRole('dialog', { name: 'Add to Blacklist' }).getByText(/IP address/)).toBeVisible()
  },
  'sort panel': async (page, mode) => {
    const root = rootOf(page, mode)
    await root.locator('summary', { hasText: 'Sort' }).click()
    await expect(root.getByRole('link', { name: 'Reset' })).toBeVisible()
  },
}

function rootOf(page: Page, mode: Mode) {
  const element = page.locator('clientele-customers')
  return mode === 'frame' ? element.frameLocator('iframe') : element
}

for (const mode of modes) {
  for (const [state, open] of Object.entries(states)) {
    test(`mode ${mode}, ${state}: a hostile style sheet changes no pixel`, async ({ host, page, make }, info) => {
      const customer = await make('Same Pixels', { email: 'pixels@example.com', phone: '13800138000' })
      const pictures: Buffer[] = []
      for (const hostile of [false, true]) {
        const picture = await draw(page, host.url('bare'), host.clientele, customer, mode, hostile, page => open(page, mode))
        await info.attach(hostile ? 'hostile' : 'empty', { body: picture, contentType: 'image/png' })
        pictures.push(picture)
      }
      // A page without a policy can decode the pictures.
      await page.goto('about:blank')
      expect(await difference(page, pictures)).toBeNull()
    })
  }
}

test('nothing of the element styles the page around it', async ({ host, page, make }) => {
  await make('Styled Inside')
  const samples = () =>
    page.evaluate(() => {
      const tags = ['p', 'table', 'td', 'button', 'input', 'select', 'dialog', 'kbd', 'ul', 'h1', 'a', 'mark', 'details']
      const classes = ['button', 'input', 'tag', 'list', 'dialog', 'toast', 'widget', 'embedded', 'hint']
      const ofClass = (className: string) => Object.assign(document.createElement('div'), { className })
      const elements = [...tags.map(tag => document.createElement(tag)), ...classes.map(ofClass)]
      document.body.append(...elements)
      const styles = elements.map(element => {
        const computed = getComputedStyle(element)
        return [...computed].map(name => `${name}: ${computed.getPropertyValue(name)}`).join('; ')
      })
      for (const element of elements) element.remove()
      const root = getComputedStyle(document.documentElement)
      return [...styles, root.getPropertyValue('--cc-accent'), root.colorScheme, root.fontSize]
    })
  await page.goto(host.url('bare'))
  const before = await samples()
  await putElements(page, host.clientele, [{}])
  await expect.poll(async () => (await heard(page)).map(([, name]) => name), { timeout: 20_000 }).toEqual(['ready'])
  await page.evaluate(() => (document.querySelector('clientele-customers') as HTMLElement).style.setProperty('display', 'none', 'important'))
  expect(await samples()).toEqual(before)
})

test('in a page that is written from right to left the element keeps its own direction', async ({ embed, page }) => {
  const widget = await embed()
  await widget.ready()
  await page.evaluate(() => (document.documentElement.dir = 'rtl'))
  expect(await widget.style('direction')).toBe('ltr')
  await page.evaluate(() => (document.documentElement.style.fontSize = '40px'))
  expect(await widget.style('font-size')).toBe('14px')
})

test('a dialog of the element is above everything in the page', async ({ embed, make, page }) => {
  const customer = await make('Above Everything')
  const widget = await embed('plain', 'element', { 'customer-id': String(customer.key) })
  await widget.ready()
  await page.evaluate(() => {
    const cover = document.createElement('div')
    cover.style.cssText = 'position: fixed; inset: 0; z-index: 2147483647; background: rgb(0 0 0 / 0.2); pointer-events: auto'
    cover.id = 'cover'
    document.body.append(cover)
  })
  await widget.pane.getByRole('button', { name: 'Add to Blacklist' }).evaluate((button: HTMLElement) => button.click())
  const reason = widget.root.getByRole('dialog', { name: 'Add to Blacklist' }).getByLabel('Reason')
  // A click at a covered element would not arrive.
  await reason.click()
  await reason.pressSequentially('above')
  await expect(reason).toHaveValue('above')
})
