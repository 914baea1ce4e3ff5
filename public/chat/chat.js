// Keeps the visitors' page live. The page works without it; all its words stand in the page.
'use strict'
const main = document.getElementById('chat')
const log = document.getElementById('log')
const write = document.getElementById('write')
const text = document.getElementById('text')
const send = document.getElementById('send')
const error = document.getElementById('error')
const rating = document.getElementById('rating')
const leave = document.getElementById('leave')
const words = main.dataset

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
function time(at) {
  const moment = new Date(at)
  const today = moment.toDateString() === new Date().toDateString()
  const parts = today ? { timeStyle: 'short' } : { dateStyle: 'short', timeStyle: 'short' }
  return moment.toLocaleString(document.documentElement.lang, parts)
}

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
  who.append(`${agent ?? words.you} `, moment)
  const said = document.createElement('p')
  said.dir = 'auto'
  said.textContent = text
  item.append(who, said)
  return item
}

// Only what is new is added, so that a screen reader reads only that. The oldest go as newer ones come; whatever moved makes the
// list anew.
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
  main.dataset.state = chat.state
  document.getElementById('state').textContent = words[chat.state]
  leave.hidden = chat.state !== 'waiting' && chat.state !== 'talking'
  rating.hidden = !chat.may_rate
  write.querySelector('.name').hidden = ids.length > 0
}

let reading = Promise.resolve()
function refresh() {
  reading = reading.then(async () => {
    const answer = await fetch('/chat/messages')
    if (answer.ok) show(await answer.json())
  }).catch(() => {})
  return reading
}

const post = (path, body) =>
  fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

function tell(status) {
  error.textContent = status === 429 ? words.tooMany : status === 422 || status === 409 ? words.refused : words.failed
}

// What is sent again under the same id is one message: another text is another one.
let id = fresh()
let sent = ''
write.addEventListener('submit', async event => {
  event.preventDefault()
  const written = text.value.trim()
  if (!written || send.disabled) return
  if (written !== sent) id = fresh()
  sent = written
  send.disabled = true
  try {
    const answer = await post('/chat/messages', { id, text: written, name: write.elements.name.value })
    if (!answer.ok) throw answer.status
    error.textContent = ''
    send.textContent = words.send
    sent = ''
    if (text.value.trim() === written) text.value = ''
    listen()
    await refresh()
    log.scrollTop = log.scrollHeight
  } catch (status) {
    tell(status)
    send.textContent = words.retry
  } finally {
    send.disabled = false
    text.focus()
  }
})
text.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault()
    write.requestSubmit()
  }
})
rating.addEventListener('submit', async event => {
  event.preventDefault()
  const stars = Number(new FormData(rating).get('stars'))
  try {
    const answer = await post('/chat/rating', { stars, comment: rating.elements.comment.value })
    if (!answer.ok) throw answer.status
    await refresh()
    error.textContent = ''
    rating.reset()
  } catch (status) {
    tell(status)
  }
})
leave.addEventListener('submit', async event => {
  event.preventDefault()
  try {
    const answer = await post('/chat/leave', {})
    if (!answer.ok) throw answer.status
    await refresh()
  } catch (status) {
    tell(status)
  }
})

// There is nothing to listen to before the first message made a visitor of whoever looks.
let source = null
function listen() {
  if (source && source.readyState !== EventSource.CLOSED) return
  source = new EventSource('/chat/events')
  source.addEventListener('thread', refresh)
  source.addEventListener('open', () => {
    if (error.textContent === words.lost) error.textContent = ''
    refresh()
  })
  source.addEventListener('error', () => {
    // What could not be sent is said longer.
    if (!error.textContent) error.textContent = words.lost
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000)
  })
}
if (log.children.length > 0) listen()
main.dataset.live = ''
