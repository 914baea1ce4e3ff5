// What an element shows while the console is not there: a skeleton, or a text and a button. The texts of the console are in
// app/locales; it cannot be used for these.

const TEXTS = {
  en: {
    loading: 'Loading…',
    network: 'Clientele cannot be reached.',
    origin: 'This page may not show Clientele.',
    token: 'You are not signed in to Clientele.',
    csp: 'The security policy of this page blocks Clientele.',
    'other-agent': 'This page has signed in another agent. Reload it to go on.',
    timeout: 'Loading takes longer than usual.',
    crashed: 'Something went wrong. Your unsaved text is kept.',
    retry: 'Try again',
  },
  'zh-CN': {
    loading: '加载中…',
    network: '无法连接 Clientele。',
    origin: '此页面无权显示 Clientele。',
    token: '您尚未登录 Clientele。',
    csp: '此页面的安全策略阻止了 Clientele。',
    'other-agent': '此页面已登录另一位客服。请刷新页面后继续。',
    timeout: '加载时间比平时长。',
    crashed: '出现错误。未保存的文字已保留。',
    retry: '重试',
  },
}

/** Style sheet of the placeholder and of the frame. Like style/widget.css, it lets nothing of the page in. */
export const sheet = new CSSStyleSheet()
sheet.replaceSync(`
:host { display: block !important; }
:host([hidden]), :host([style*="display: none"]), :host([style*="display:none"]) { display: none !important; }
iframe, .state { box-sizing: border-box; width: 100%; height: 100%; min-height: var(--cc-widget-min-height, 400px); }
iframe { display: block; border: 0; }
.state {
  all: initial; visibility: inherit; pointer-events: inherit; direction: ltr; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px;
  box-sizing: border-box; width: 100%; height: 100%; min-height: var(--cc-widget-min-height, 400px); padding: 24px;
  color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif; text-align: center;
  color: light-dark(#1d2129, #e9eaed); background: light-dark(#f4f5f7, #0d1015);
}
:host([theme="light"]) .state { color-scheme: light; }
:host([theme="dark"]) .state { color-scheme: dark; }
.state p { margin: 0; }
.state button {
  padding: 6px 14px; font: inherit; color: inherit; background: light-dark(#fff, #171a20);
  border: 1px solid light-dark(#868b95, #767b86); border-radius: 4px;
}
.state button:focus-visible { outline: 2px solid light-dark(#3f5fe0, #8ca4ff); outline-offset: 2px; }
.rows {
  flex: 1; align-self: stretch; animation: rows 1.2s ease-in-out 0.15s infinite alternate both;
  background: repeating-linear-gradient(transparent 0 16px, light-dark(#e3e5e9, #23272f) 16px 28px, transparent 28px 44px);
}
@keyframes rows { from { opacity: 0.35; } }
@media (prefers-reduced-motion: reduce) { .rows { animation: none; } }
`)

/** Returns the language of the console: the `locale` of an element, else the language around it, else the browser's. */
export function localeOf(element) {
  const around = element.closest('[lang]')?.getAttribute('lang')
  for (const tag of [element.getAttribute('locale'), around, ...navigator.languages]) {
    if (/^zh\b/i.test(tag)) return 'zh-CN'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'en'
}

function state(locale) {
  const place = document.createElement('div')
  place.className = 'state'
  place.lang = locale
  return place
}

/** Returns the skeleton. */
export function skeleton(locale) {
  const place = state(locale)
  const rows = document.createElement('div')
  rows.className = 'rows'
  rows.role = 'status'
  rows.ariaBusy = 'true'
  rows.ariaLabel = TEXTS[locale].loading
  place.append(rows)
  return place
}

/**
 * Returns the text for a failure.
 *
 * @param {string} locale
 * @param {{ reason: string, directive?: string }} failure
 * @param {(() => void) | null} retry Action of a button; without it there is none.
 */
export function notice(locale, { reason, directive }, retry) {
  const place = state(locale)
  const text = document.createElement('p')
  text.role = 'alert'
  text.textContent = (TEXTS[locale][reason] ?? TEXTS[locale].token) + (directive ? ` (${directive})` : '')
  place.append(text)
  if (retry) {
    const button = document.createElement('button')
    // Not a button that submits, which is the default.
    button.type = 'button'
    button.textContent = TEXTS[locale].retry
    button.addEventListener('click', retry)
    place.append(button)
  }
  return place
}
