import type { Page } from '@playwright/test'
import { Channel, stamp } from '../channel'
import { expect, hydrated, signIn, test } from '../fixtures'

// Responses to changes arrive late, while the agent goes on working.

/** Opens a tab of a new customer in Admin Mode. */
async function open(page: Page, tab: string) {
  await signIn(page, 'admin')
  const channel = await Channel.open(page)
  const id = `slow_${stamp()}`
  await channel.write(id, 'hello', { nickname: id })
  await page.goto(`/admin/customers/${await channel.keyOf(id)}?period=all&tab=${tab}`)
  await hydrated(page)
  return page.getByRole('complementary', { name: 'Customer' })
}

/** Holds the responses to requests for a path back; each call of the returned function lets the oldest one through. */
async function hold(page: Page, path: RegExp) {
  const held: (() => void)[] = []
  await page.route(path, async route => {
    const response = await route.fetch()
    await new Promise<void>(resolve => held.push(resolve))
    await route.fulfill({ response })
  })
  return async () => {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    held.shift()!()
  }
}

test('a save that is answered late leaves the focus in the field that is typed in meanwhile', async ({ page }) => {
  const panel = await open(page, 'profile')
  const release = await hold(page, /\/api\/customers\/profile/)
  await panel.getByRole('button', { name: 'Edit Company' }).click()
  await panel.getByLabel('Company', { exact: true }).fill('First')
  await panel.getByLabel('Company', { exact: true }).press('Enter')
  await panel.getByRole('button', { name: 'Edit Email' }).click()
  const email = panel.getByLabel('Email', { exact: true })
  await email.pressSequentially('be')
  await release()
  await expect(panel.getByText('First')).toBeVisible()
  await expect(email).toBeFocused()
  await page.keyboard.type('z@example.com')
  await expect(email).toHaveValue('bez@example.com')
})

test('a save that is answered at once leads the focus back to the button', async ({ page }) => {
  const panel = await open(page, 'profile')
  await panel.getByRole('button', { name: 'Edit Company' }).click()
  await panel.getByLabel('Company', { exact: true }).fill('First')
  await panel.getByLabel('Company', { exact: true }).press('Enter')
  await expect(panel.getByRole('button', { name: 'Edit Company' })).toBeFocused()
})

test('a second tick stays while the first one is answered', async ({ page }) => {
  const panel = await open(page, 'tags')
  const release = await hold(page, /\/api\/customers\/tag/)
  const boxes = panel.getByRole('checkbox')
  await boxes.nth(0).check()
  await boxes.nth(1).check()
  const added = page.getByRole('region', { name: 'Notifications' }).getByText(/^Added tag /)
  await release()
  await expect(added).toHaveCount(1)
  await expect(boxes.nth(1)).toBeChecked()
  await release()
  await expect(added).toHaveCount(2)
  await expect(boxes.nth(0)).toBeChecked()
  await expect(boxes.nth(1)).toBeChecked()
})
