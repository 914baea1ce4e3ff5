// Elements of the chat page, the tab's storage, the visitor's token, and requests. chat.js uses them: scripts share their names.
'use strict'
const element = id => /** @type {any} */ (document.getElementById(id))
const main = element('chat')
const log = element('log')
const note = element('note')
const write = element('write')
const text = element('text')
const send = element('send')
const error = element('error')
const rating = element('rating')
const later = element('later')
const leave = element('leave')
const texts = main.dataset

// In milliseconds: timeout of a request; silence after which a stream is dead (the server sends
// something every 15 seconds); interval of polling without a stream; longest pause before a
// reconnect.
const REQUEST_TIMEOUT = 15_000
const STREAM_TIMEOUT = 40_000
const POLL_INTERVAL = 10_000
const LONGEST_PAUSE = 120_000

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
function time(at) {
  const moment = new Date(at)
  const today = moment.toDateString() === new Date().toDateString()
  /** @type {Intl.DateTimeFormatOptions} */
  const parts = today ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' }
  return moment.toLocaleString(document.documentElement.lang, parts)
}

// Session storage, which survives a reload or a crash of the tab. If the browser denies storage,
// the values last only as long as the page is open.
function loadItem(name) {
  try {
    return JSON.parse(sessionStorage.getItem(`clientele-chat-${name}`))
  } catch {
    return null
  }
}
function storeItem(name, value) {
  try {
    if (value) sessionStorage.setItem(`clientele-chat-${name}`, JSON.stringify(value))
    else sessionStorage.removeItem(`clientele-chat-${name}`)
  } catch {}
}

// The visitor's token, as long as no cookie holds it. The page carries one if the browser sent no
// cookie, and the responses of the server show whether that is still the case. A reloaded page
// carries another token, so the tab's stored one takes precedence.
let visitor = ''
let withoutCookies = false
if (write.elements.visitor) {
  visitor = loadItem('visitor') ?? write.elements.visitor.value
  storeItem('visitor', visitor)
} else {
  storeItem('visitor', null)
}
function readToken(answer) {
  const token = answer.headers.get('clientele-visitor')
  if (!token && !answer.ok) return
  withoutCookies = !!token
  visitor = token ?? ''
  storeItem('visitor', token)
}

const tokenHeader = () => (visitor ? { 'clientele-visitor': visitor } : {})

/** Runs a request with a timeout, which `extend` restarts. */
async function withTimeout(run) {
  const limit = new AbortController()
  let timer
  const extend = most => {
    clearTimeout(timer)
    timer = setTimeout(() => limit.abort(), most)
  }
  extend(REQUEST_TIMEOUT)
  try {
    return await run(limit.signal, extend)
  } finally {
    clearTimeout(timer)
    limit.abort()
  }
}

const fetchChat = () =>
  withTimeout(async signal => {
    const answer = await fetch('/chat/messages', { headers: tokenHeader(), signal })
    readToken(answer)
    if (!answer.ok) throw answer.status
    return answer.json()
  })

const post = (path, body) =>
  withTimeout(async signal => {
    const headers = { 'content-type': 'application/json', ...tokenHeader() }
    const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), signal })
    readToken(answer)
    if (!answer.ok) throw answer.status
  })

function showError(status) {
  error.textContent = status === 429 ? texts.tooMany : status === 422 || status === 409 ? texts.refused : texts.failed
}
