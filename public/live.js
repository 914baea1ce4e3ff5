// The event stream of all tabs of a browser, which opens six connections to a host at most: a shared worker holds one stream for
// each agent and mode, and the tabs listen to it. Where there are no shared workers it runs in a worker of each tab.
//
// A tab posts `{ open: url, key, after }`, and again now and then, with the id it heard last, so that it is known to be there;
// `{ retry: true }` and `{ close: true }`. It is posted `{ name, data, id }` for each event, and `open` and `lost`.
'use strict'

/** Events kept for tabs that connect later. */
const RECENT = 1000
/** Milliseconds until the stream is opened again, the first, second and later times. */
const RETRY_DELAYS = [200, 600, 1200]
/** The server sends something each 15 seconds. */
const STREAM_TIMEOUT = 40_000
/** Tabs send a heartbeat every 30 s; browsers let hidden tabs do it only once a minute. */
const TAB_TIMEOUT = 180_000
const NAMES = ['hello', 'beat', 'customer', 'held', 'desk', 'tags', 'agents', 'keys', 'settings', 'resync', 'signed_out']

/** Splits a position into the process that gave it and its number. */
const parse = id => [id.slice(0, id.indexOf('-')), Number(id.slice(id.indexOf('-') + 1))]

const streams = new Map()

class Stream {
  constructor(key, url, after) {
    this.key = key
    this.url = url
    this.tabs = new Map()
    this.recent = []
    // All events after `from` are in `recent`.
    this.from = this.last = after
    this.up = false
    this.failures = 0
    this.open()
  }

  open() {
    clearTimeout(this.timer)
    this.source?.close()
    this.source = new EventSource(`${this.url}&after=${encodeURIComponent(this.last)}`)
    for (const name of NAMES) this.source.addEventListener(name, event => this.receive(name, event))
    this.source.onopen = () => {
      this.up = true
      this.broadcast({ name: 'open' })
    }
    // Whatever ended it: some answers close a source for good, and after others browsers wait for too long.
    this.source.onerror = () => this.reconnect()
    this.watch()
  }

  /** A connection can be dead without an end. */
  watch() {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.reconnect(), STREAM_TIMEOUT)
  }

  reconnect() {
    this.source.close()
    clearTimeout(this.watchdog)
    this.up = false
    this.broadcast({ name: 'lost' })
    const wait = RETRY_DELAYS[Math.min(this.failures++, RETRY_DELAYS.length - 1)]
    clearTimeout(this.timer)
    // Not all browsers at once.
    this.timer = setTimeout(() => this.open(), wait * (0.7 + 0.3 * Math.random()))
  }

  receive(name, event) {
    this.watch()
    this.failures = 0
    if (event.lastEventId) this.last = event.lastEventId
    if (name === 'hello' || name === 'beat') return
    // What came before is no use to anybody: another process numbers its events anew.
    if (name === 'resync') {
      this.recent = []
      this.from = this.last
    }
    const message = { name, data: event.data, id: this.last }
    this.recent.push(message)
    if (this.recent.length > RECENT) this.from = this.recent.shift().id
    this.broadcast(message)
    if (name === 'signed_out') this.close()
  }

  broadcast(message) {
    for (const port of this.tabs.keys()) port.postMessage(message)
  }

  /** Adds a tab or updates the time of its last heartbeat. */
  join(port, after) {
    const known = this.tabs.has(port)
    this.tabs.set(port, Date.now())
    if (known) return
    if (this.up) port.postMessage({ name: 'open' })
    else if (this.failures > 0) port.postMessage({ name: 'lost' })
    const [process, number] = parse(after)
    const [ours, first] = parse(this.from)
    if (process !== ours || number < first) port.postMessage({ name: 'resync', data: '{}', id: this.last })
    else for (const message of this.recent) if (parse(message.id)[1] > number) port.postMessage(message)
  }

  leave(port) {
    this.tabs.delete(port)
    if (this.tabs.size === 0) this.close()
  }

  close() {
    this.source.close()
    clearTimeout(this.timer)
    clearTimeout(this.watchdog)
    streams.delete(this.key)
  }
}

function serve(port) {
  port.onmessage = ({ data }) => {
    if (data.open) {
      if (!streams.has(data.key)) streams.set(data.key, new Stream(data.key, data.open, data.after))
      port.stream = data.key
      streams.get(data.key).join(port, data.after)
    }
    const stream = streams.get(port.stream)
    if (data.retry && stream && !stream.up) stream.open()
    if (data.close) stream?.leave(port)
  }
}

setInterval(() => {
  for (const stream of streams.values())
    for (const [port, seen] of stream.tabs) if (Date.now() - seen > TAB_TIMEOUT) stream.leave(port)
}, 60_000)

if ('onconnect' in self) self.onconnect = ({ ports }) => serve(ports[0])
else serve(self)
