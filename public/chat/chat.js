// Updates the chat page live. The page works without this script; all texts the script shows are
// data attributes of the page. requests.js runs first.
'use strict'

// ---- Display

for (const moment of log.querySelectorAll('time')) moment.textContent = time(moment.dateTime)
log.scrollTop = log.scrollHeight

function bubble({ id, agent, text, at }) {
  const item = document.createElement('div')
  item.id = id
  item.className = agent === null ? 'visitor' : 'agent'
  const who = document.createElement('p')
  who.className = 'who'
  const moment = document.createElement('time')
  moment.dateTime = new Date(at).toISOString()
  moment.textContent = time(at)
  who.append(`${agent ?? texts.you} `, moment)
  const body = document.createElement('p')
  body.dir = 'auto'
  body.textContent = text
  item.append(who, body)
  return item
}

// Appends only new messages, so that a screen reader announces only those, and drops the oldest. If
// any message moved, the list is rebuilt.
function show(chat) {
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 80
  const ids = chat.messages.map(message => message.id)
  for (const item of Array.from(log.children)) if (!ids.includes(item.id)) item.remove()
  const known = Array.from(log.children, item => item.id)
  if (known.every((id, place) => id === ids[place])) {
    log.append(...chat.messages.slice(known.length).map(bubble))
  } else {
    log.replaceChildren(...chat.messages.map(bubble))
  }
  if (near) log.scrollTop = log.scrollHeight
  const state = element('state')
  if (state.textContent !== texts[chat.state]) state.textContent = texts[chat.state]
  leave.hidden = chat.state !== 'waiting' && chat.state !== 'talking'
  leave.elements.seen.value = chat.seen
  ratableEnd = String(chat.to_rate ?? '')
  showRating()
  write.querySelector('.name').hidden = ids.length > 0
  if (ids.length > 0) follow()
}

// Runs one fetch at a time. A refresh requested meanwhile runs afterwards.
let refreshing = null
let refreshAgain = false
let stale = false
function refresh() {
  refreshAgain = true
  refreshing ??= catchUp()
  return refreshing
}
async function catchUp() {
  while (refreshAgain) {
    refreshAgain = false
    try {
      show(await fetchChat())
      // The server answers again. The stream failed because of the outage, so reconnect without further delay.
      if (stale) {
        failed = 0
        wake()
      }
      stale = false
    } catch {
      stale = true
    }
  }
  refreshing = null
  updateNotice()
}

// The keyboard of a phone or the rating form shrinks the log: keep the newest message in view.
let atEnd = true
log.addEventListener('scroll', () => (atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40))
if ('ResizeObserver' in window) {
  new ResizeObserver(() => {
    if (atEnd) log.scrollTop = log.scrollHeight
  }).observe(log)
}

// ---- Writing

// The id makes retries idempotent, also after a reload. A changed text gets a new id.
let { id, sent } = loadItem('draft') ?? { id: newId(), sent: '' }
const keepDraft = () => storeItem('draft', text.value || sent ? { id, sent, text: text.value } : null)
if (!text.value) text.value = loadItem('draft')?.text ?? ''
text.addEventListener('input', keepDraft)
// `true` if the form was submitted again while a request was in progress.
let submitAgain = false
write.addEventListener('submit', async event => {
  event.preventDefault()
  const message = text.value.trim()
  if (!message) return
  if (send.disabled) {
    submitAgain = true
    return
  }
  if (message !== sent) id = newId()
  sent = message
  keepDraft()
  send.disabled = true
  try {
    await post('/chat/messages', { id, text: message, name: write.elements.name.value })
    error.textContent = ''
    send.textContent = texts.send
    sent = ''
    // Text typed after the sent one stays in the field.
    const typed = text.value.trimStart()
    if (typed.startsWith(message)) text.value = typed.slice(message.length).trimStart()
    keepDraft()
    // Other tabs have no stream before the visitor's first message; make them refresh.
    if (!following) tabs?.postMessage('')
    follow()
    await refresh()
    log.scrollTop = log.scrollHeight
  } catch (status) {
    submitAgain = false
    showError(status)
    send.textContent = texts.retry
  } finally {
    send.disabled = false
    text.focus()
  }
  if (submitAgain) {
    submitAgain = false
    write.requestSubmit()
  }
})
text.addEventListener('keydown', event => {
  // Key code 229: Safari ends a composition before it sends the Enter that confirmed it. Phone
  // keyboards have no Shift+Enter.
  if (matchMedia('(pointer: coarse)').matches) return
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault()
    write.requestSubmit()
  }
})
leave.addEventListener('submit', async event => {
  event.preventDefault()
  try {
    await post('/chat/leave', { seen: Number(leave.elements.seen.value) })
    await refresh()
  } catch (status) {
    showError(status)
  }
})

// ---- Rating

// From the first input until it is sent, the form belongs to one conversation, even if another one
// starts or ends meanwhile.
const { ended, stars, comment } = rating.elements
let ratableEnd = ended.value
const ratingInput = () => ({ ended: ended.value, stars: stars.value, comment: comment.value })
const isEmpty = ({ stars, comment }) => !stars && !comment
function showRating() {
  if (isEmpty(ratingInput())) ended.value = ratableEnd
  const earlier = ended.value !== ratableEnd
  rating.hidden = !ended.value
  later.hidden = !earlier
  const legend = rating.querySelector('legend')
  const legendText = earlier ? texts.rateEarlier : texts.rate
  if (legend.textContent !== legendText) legend.textContent = legendText
}
function keepRating() {
  storeItem('rating', isEmpty(ratingInput()) ? null : ratingInput())
  showRating()
}
function clearRating() {
  for (const star of stars) star.checked = false
  comment.value = ''
  keepRating()
}
if (isEmpty(ratingInput()) && loadItem('rating')) {
  const before = loadItem('rating')
  ended.value = before.ended
  stars.value = before.stars
  comment.value = before.comment
}
showRating()
rating.addEventListener('input', keepRating)
later.addEventListener('click', clearRating)
let rated = false
rating.addEventListener('submit', async event => {
  event.preventDefault()
  if (rated) return
  rated = true
  const given = ratingInput()
  try {
    await post('/chat/rating', { ended: Number(given.ended), stars: Number(given.stars), comment: given.comment })
    error.textContent = ''
    if (JSON.stringify(ratingInput()) === JSON.stringify(given)) clearRating()
    await refresh()
  } catch (status) {
    showError(status)
  } finally {
    rated = false
  }
})

// ---- Live updates

// Before the first message there is no visitor to stream to. The stream is read with `fetch`,
// because `EventSource` can neither send the token as a header nor detect a dead connection.
let following = false
let live = false
let failed = 0
let wake = () => {}
const pause = most =>
  new Promise(done => {
    const timer = setTimeout(done, most)
    wake = () => {
      clearTimeout(timer)
      done(undefined)
    }
  })
const listen = () =>
  withTimeout(async (signal, extend) => {
    const answer = await fetch('/chat/events', { headers: tokenHeader(), signal })
    if (!answer.ok) throw answer.status
    const reader = answer.body.getReader()
    const decoder = new TextDecoder()
    live = true
    refresh()
    let rest = ''
    for (;;) {
      extend(STREAM_TIMEOUT)
      const { done, value } = await reader.read()
      if (done) return
      const events = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = events.pop()
      if (events.some(event => event.includes('event: thread'))) refresh()
    }
  })
async function follow() {
  if (following) return
  following = true
  poll()
  for (;;) {
    const began = Date.now()
    await listen().catch(() => {})
    live = false
    // A stream that was open for a while was not rejected, so the backoff starts again.
    failed = Date.now() - began > REQUEST_TIMEOUT + POLL_INTERVAL ? 1 : failed + 1
    if (failed > 1) await refresh()
    await pause(Math.min(1000 * 2 ** (failed - 1), LONGEST_PAUSE) * (0.5 + Math.random()))
  }
}
// Polling, in case only the stream is blocked: the page is then delayed but not outdated.
async function poll() {
  for (;;) {
    await new Promise(done => setTimeout(done, POLL_INTERVAL * (1 + Math.random() / 2)))
    if (!live || stale) await refresh()
  }
}
// Set only on change, because a screen reader announces each change.
function updateNotice() {
  const late = following && !live && failed > 1
  const notice = stale ? texts.lost : late ? texts.slow : withoutCookies ? texts.noCookie : ''
  if (note.textContent !== notice) note.textContent = notice
}

let tabs = null
try {
  tabs = new BroadcastChannel('clientele-chat')
  tabs.onmessage = refresh
} catch {}
addEventListener('online', () => wake())
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})
document.getElementById('again')?.remove()
if (log.children.length > 0) follow()
else if (visitor && visitor !== write.elements.visitor?.value) refresh()
main.dataset.live = ''
