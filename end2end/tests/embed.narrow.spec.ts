import type { Locator, TestInfo } from '@playwright/test'
import { expect, expectAccessible, kinds, test, type Mode, type Widget } from '../embed'

// The element in windows of three widths. The console follows the width of the element: in a narrow one its rows are cards, and a
// customer covers the list.
test.describe.configure({ timeout: 90_000 })

/** Widths of the window with the smallest widths of the element; from 720 px on, the tools are beside it (console.css). */
const widths = [
  { width: 320, least: 280 },
  { width: 768, least: 480 },
  { width: 1440, least: 1150 },
]

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${locator} has no box`)
  return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height, width: box.width, height: box.height }
}

/** Expects that nothing of `part` is outside of the element. Coordinates are rounded. */
async function expectInside(part: Locator, { element }: Widget) {
  await expect(async () => {
    const [inner, outer] = [await boxOf(part), await boxOf(element)]
    expect(inner.left).toBeGreaterThanOrEqual(outer.left - 1)
    expect(inner.right).toBeLessThanOrEqual(outer.right + 1)
    expect(inner.top).toBeGreaterThanOrEqual(outer.top - 1)
    expect(inner.bottom).toBeLessThanOrEqual(outer.bottom + 1)
  }).toPass({ timeout: 5_000 })
}

/** Expects that each row begins below the one before it. */
async function expectRowsApart({ rows }: Widget) {
  await expect(async () => {
    const boxes = await rows.evaluateAll(rows => rows.map(row => row.getBoundingClientRect().toJSON() as DOMRect))
    expect(boxes.length).toBeGreaterThan(1)
    boxes.sort((a, b) => a.top - b.top)
    boxes.slice(1).forEach(({ top }, place) => expect(top).toBeGreaterThanOrEqual(boxes[place]!.bottom - 1))
  }).toPass({ timeout: 5_000 })
}

/** Checks what is shown, in both themes of the system, and attaches pictures of it. */
async function expectPresentable({ page }: Widget, info: TestInfo, state: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    // A colour in transition has another contrast.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await expectAccessible(page)
    const path = info.outputPath(`${state} ${colorScheme}.png`)
    await page.screenshot({ path, fullPage: true })
    await info.attach(`${state}, ${colorScheme}`, { path, contentType: 'image/png' })
  }
}

// The hosts share their style sheet, so one width shows that the others follow it as well. ALL_WIDTHS=1 takes pictures of all.
const hosts = kinds.map(kind => ({ kind, mode: 'element' as Mode, own: kind === 'plain' || process.env.ALL_WIDTHS ? widths : widths.slice(0, 1) }))

for (const { kind, mode, own } of [...hosts, { kind: 'plain' as const, mode: 'frame' as Mode, own: widths }]) {
  for (const { width, least } of own) {
    test(`${kind}, mode ${mode}, ${width} px: the list and a customer fit into the element`, async ({ embed, make, page }, info) => {
      const customer = await make(`Narrow ${kind} ${mode} ${width}`)
      await page.setViewportSize({ width, height: 800 })
      const widget = await embed(kind, mode)
      await widget.ready()
      const { width: wide, height: high } = await boxOf(widget.element)
      expect(wide).toBeGreaterThanOrEqual(least)
      expect(high).toBeGreaterThanOrEqual(480)
      await expect(widget.tools.getByRole('button', { name: 'Refresh' })).toBeVisible()
      await expectRowsApart(widget)
      await expectInside(widget.rows.first(), widget)
      await expectPresentable(widget, info, 'list')

      await expectInside(widget.search, widget)
      await widget.find(customer.id, 1)
      await widget.names.first().click()
      await expect(widget.pane.getByRole('heading', { name: customer.name })).toBeVisible()
      await expectInside(widget.pane, widget)
      await expectPresentable(widget, info, 'customer')

      await widget.pane.getByRole('link', { name: 'Close customer' }).click()
      await expect(widget.pane).toHaveCount(0)
      await expect(widget.names).toHaveText([customer.name])
      await expectInside(widget.rows.first(), widget)
    })
  }
}
