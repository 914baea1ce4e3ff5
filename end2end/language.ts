import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, type Page } from '@playwright/test'

export type Language = 'en' | 'zh-CN'

/** Selects the language in the menu. */
export async function chooseLanguage(page: Page, language: Language) {
  const menu = page.locator('details', { has: page.locator('summary', { hasText: /^(Language|语言)$/ }) })
  if (!(await menu.evaluate((details: HTMLDetailsElement) => details.open))) await menu.locator('summary').click()
  await menu.getByRole('button', { name: language === 'en' ? 'English' : '简体中文' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', language)
}

function textsOf(language: Language) {
  const file = resolve(import.meta.dirname, '../app/locales', `${language}.json`)
  const groups = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>
  return Object.values(groups).flatMap(group => Object.values(group))
}

/** Returns the texts of a language as patterns, except texts that are the same in the other language. */
function patterns(language: Language) {
  const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = (text: string) => {
    const parts = text.split(/\{\{(\w+)\}\}/)
    const filled = parts.map((part, place) => (place % 2 === 0 ? escape(part) : part === 'count' || part === 'n' ? '[\\d,]+' : '.+'))
    return new RegExp(`^${filled.join('')}$`)
  }
  const others = new Set(textsOf(language === 'en' ? 'zh-CN' : 'en'))
  // A text that consists of little more than its blanks identifies no language.
  const identifiesLanguage = (text: string) => /\p{L}{3}|\p{Script=Han}/u.test(text.replace(/\{\{\w+\}\}/g, ''))
  return textsOf(language)
    .filter(text => !others.has(text) && identifiesLanguage(text))
    .map(pattern)
}

const known = { en: patterns('en'), 'zh-CN': patterns('zh-CN') }

/** Returns all texts of a page that are in a language: visible text, labels, tooltips, the title. */
export async function textsInLanguage(page: Page, language: Language) {
  const all = await page.evaluate(() => {
    const texts = [document.title]
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement
      const shown = parent && !parent.closest('script, style, noscript, template')
      if (shown && (parent.tagName === 'OPTION' || parent.checkVisibility())) texts.push(walker.currentNode.textContent ?? '')
    }
    for (const element of document.querySelectorAll('body *')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push(element.getAttribute(name) ?? '')
    }
    return texts.map(text => text.trim()).filter(text => text !== '')
  })
  return [...new Set(all.filter(text => known[language].some(pattern => pattern.test(text))))]
}
