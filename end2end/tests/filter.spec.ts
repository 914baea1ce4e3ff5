import { Customers, expect, hydrated, parseNumber, signIn, test } from '../fixtures'

/** Returns the ID of the oldest customer, who is in no recent period. */
async function someoneOld(customers: Customers) {
  await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
  const [id] = await customers.ids()
  return id!
}

test.describe('the Sort panel', () => {
  test('starts at this week, applies with Sort, and goes back with Reset', async ({ customers, page }) => {
    await customers.open()
    const thisWeek = await customers.total()
    await customers.openPanel()
    await expect(customers.panel.getByRole('radio', { name: 'This week' })).toBeChecked()

    await customers.panel.getByRole('radio', { name: 'All time' }).check()
    await customers.panel.getByRole('radio', { name: 'Latest conversation' }).check()
    await customers.panel.getByRole('radio', { name: 'WeChat' }).check()
    await expect(page).toHaveURL(/\/customers\??$/)
    await customers.apply.click()
    await expect(page).toHaveURL(/period=all/)
    await expect(page).toHaveURL(/on=latest/)
    await expect(page).toHaveURL(/channel=wechat/)
    await expect(customers.apply).toBeHidden()
    await expect(customers.chip('WeChat')).toBeVisible()
    expect(new Set(await customers.texts('Channel'))).toEqual(new Set(['WeChat']))

    await customers.openPanel()
    await customers.reset.click()
    await expect(page).toHaveURL(/\/customers\??$/)
    await expect(customers.chips).toHaveCount(1)
    await customers.expectTotal(thisWeek)
  })

  test('Enter in a field applies', async ({ customers, page }) => {
    await customers.open({ period: 'all' })
    await customers.openPanel()
    await customers.panel.getByRole('textbox', { name: 'Name' }).fill('li')
    await customers.panel.getByRole('textbox', { name: 'Name' }).press('Enter')
    await expect(page).toHaveURL(/name=li/)
    await expect(customers.chip('Name: li')).toBeVisible()
  })

  test('the count of a tag equals the result, and two tags match either', async ({ customers }) => {
    await customers.open({ period: 'all' })
    await customers.openPanel()
    const tags = customers.panel.getByRole('checkbox')
    const counts: number[] = []
    for (const tag of [tags.nth(0), tags.nth(1)]) {
      const label = await tag.locator('..').innerText()
      counts.push(Number(label.match(/([\d,]+)\s*$/)![1]!.replaceAll(',', '')))
    }
    await tags.nth(0).check()
    await customers.apply.click()
    await customers.expectTotal(counts[0]!)

    await customers.openPanel()
    await tags.nth(1).check()
    await customers.apply.click()
    await expect(customers.chips).toHaveCount(2)
    await expect.poll(() => customers.total()).toBeGreaterThanOrEqual(Math.max(...counts))
    expect(await customers.total()).toBeLessThanOrEqual(counts[0]! + counts[1]!)
  })

  test('an end before the start is reported at the field, and the input is kept', async ({ customers }) => {
    await customers.open()
    await customers.openPanel()
    await customers.panel.getByRole('radio', { name: 'Custom' }).check()
    const from = customers.panel.getByLabel('From')
    const to = customers.panel.getByLabel('To', { exact: true })
    await from.fill('2026-03-02T09:00')
    await to.fill('2026-03-01T18:30')
    await customers.apply.click()
    await expect(to).toHaveAttribute('aria-invalid', 'true')
    await expect(to).toHaveAccessibleDescription(/before the start/)
    await expect(to).toBeFocused()
    await expect(from).toHaveValue('2026-03-02T09:00')
    await expect(to).toHaveValue('2026-03-01T18:30')
  })

  test('a period is exact to the minute, its end not included', async ({ customers }) => {
    await customers.open({ period: 'all' })
    const [newest, , third] = await customers.times('Created')
    await customers.open({ period: 'custom', from: third!, to: newest! })
    const created = await customers.times('Created')
    expect(created).toContain(third)
    for (const time of created) {
      expect(time >= third! && time < newest!, time).toBe(true)
    }
  })
})

test.describe('the filter in the URL', () => {
  test('a reload keeps it, Back and Forward step through it', async ({ customers, page }) => {
    await customers.open({ period: 'all' })
    const all = await customers.total()
    await customers.openPanel()
    await customers.panel.getByRole('radio', { name: 'Weibo' }).check()
    await customers.apply.click()
    await expect(customers.chip('Weibo')).toBeVisible()
    const weibo = await customers.total()

    await page.reload()
    await customers.expectTotal(weibo)
    await hydrated(page)
    await page.goBack()
    await expect(customers.chip('Weibo')).toHaveCount(0)
    await customers.expectTotal(all)
    await page.goForward()
    await customers.expectTotal(weibo)
  })

  test('a link shows the same list in another tab', async ({ customers, page, context }) => {
    await customers.open({ period: 'all', q: 'an', channel: 'web', sort: 'nickname' })
    const names = await customers.names.allInnerTexts()
    const copy = new Customers(await context.newPage(), '/admin/customers')
    await copy.page.goto(page.url())
    await expect(copy.names).toHaveText(names)
    await expect(copy.search).toHaveValue('an')
  })

  test('a chip removes only its own filter', async ({ customers, page }) => {
    await customers.open({ period: 'all', channel: 'web', name: 'li' })
    await customers.chips.and(page.getByRole('link', { name: 'Remove filter: Name: li' })).click()
    await expect(page).not.toHaveURL(/name=/)
    await expect(page).toHaveURL(/channel=web/)
    await expect(customers.chips).toHaveCount(1)
  })

  test('invalid parameters of a link are ignored', async ({ customers }) => {
    await customers.open('period=someday&channel=fax&tag=x&sort=luck&utm_source=mail')
    await expect(customers.chips).toHaveCount(1)
    await expect(customers.chip('This week')).toBeVisible()
  })
})

test.describe('searching', () => {
  test('finds text while typing, anywhere in a field, ignoring case', async ({ customers, page }) => {
    await customers.open({ period: 'all' })
    const id = (await customers.ids())[7]!
    const middle = id.slice(1, -1).toUpperCase()
    await customers.search.pressSequentially(middle)
    await expect(customers.row(id)).toBeVisible()
    await expect(page).toHaveURL(/[?&]q=/)
    await expect(customers.row(id).locator('mark').first()).toHaveText(new RegExp(middle, 'i'))
    await expect(customers.search).toBeFocused()
  })

  test('one Chinese character is enough, and it is marked', async ({ customers }) => {
    await customers.open({ period: 'all' })
    const name = await customers.names.filter({ hasText: /\p{Script=Han}/u }).first().innerText()
    const character = name.match(/\p{Script=Han}/u)![0]
    await customers.open({ period: 'all', q: character })
    await expect(customers.rows.first().locator('mark').first()).toHaveText(character)
    for (const row of await customers.rows.allInnerTexts()) expect(row).toContain(character)
  })

  test('wildcards and patterns are plain characters', async ({ customers }) => {
    for (const q of ['%', '*', '.*', '^', '[a-z]']) {
      await customers.open({ period: 'all', q })
      expect(await customers.total(), q).toBe(0)
    }
  })

  test('Clear search empties the box', async ({ customers, page }) => {
    await customers.open({ period: 'all', q: 'wei' })
    await page.getByRole('link', { name: 'Clear search' }).click()
    await expect(customers.search).toHaveValue('')
    await expect(page).not.toHaveURL(/[?&]q=/)
  })
})

test.describe('an empty result', () => {
  test('shows the number of results of each suggestion, and links to them', async ({ customers, page }) => {
    const id = await someoneOld(customers)
    await customers.open({ period: 'today', id })
    expect(await customers.total()).toBe(0)
    await expect(customers.rows).toHaveCount(0)

    const link = customers.empty.getByRole('link', { name: /of all time/ })
    const promised = parseNumber(await link.innerText())
    expect(promised).toBeGreaterThan(0)
    await link.click()
    await expect(page).toHaveURL(/period=all/)
    await customers.expectTotal(promised)
    await expect(customers.row(id)).toBeVisible()
  })

  test('for a complete ID it shows which filter hides the customer', async ({ customers }) => {
    const id = await someoneOld(customers)
    await customers.open({ period: 'today', channel: 'web', q: id })
    await expect(customers.empty).toContainText(`${id} exists, but these filters hide it`)
    await expect(customers.empty.getByRole('listitem').filter({ hasText: 'Today' })).toBeVisible()
    await customers.empty.getByRole('link', { name: 'Show without these filters' }).click()
    await expect(customers.chip('Today')).toHaveCount(0)
    await expect(customers.row(id)).toBeVisible()
  })

  test('an agent cannot distinguish an ID out of scope from one that does not exist', async ({ customers, browser, baseURL }) => {
    const other = await browser.newContext({ baseURL })
    const agent = await other.newPage()
    await signIn(agent, 'agent')
    const served = new Customers(agent, '/customers')

    await customers.open({ period: 'all', sort: 'created', dir: 'asc' })
    let foreign: string | undefined
    for (const id of await customers.ids()) {
      await served.open({ period: 'all', q: id })
      if ((await served.total()) === 0) {
        foreign = id
        break
      }
    }
    expect(foreign, 'a customer that the agent has not served').toBeDefined()
    const outOfScope = await served.empty.innerText()
    const absent = `${foreign}-not-there`
    await served.open({ period: 'all', q: absent })
    const notThere = await served.empty.innerText()
    expect(notThere.replaceAll(absent, 'ID')).toBe(outOfScope.replaceAll(foreign!, 'ID'))
    await other.close()
  })
})
