// The event stream of an agent and a mode, and the connection with which a page of another origin opens it. live.js and session.js
// use it.

/** Events kept for listeners that join later. */
const RECENT = 1000
/** Milliseconds until the stream is opened again, the first, second and later times. */
const RETRY_DELAYS = [200, 600, 1200]
/** The server sends something each 15 seconds. */
const STREAM_TIMEOUT = 40_000
/** Silence after which a connection is suspect when the computer may have slept. */
const SUSPECT = 20_000
const NAMES = ['hello', 'beat', 'customer', 'held', 'desk', 'tags', 'agents', 'keys', 'settings', 'resync', 'signed_out']

/** Splits a position into the process that gave it and its number. */
const parse = id => [id.slice(0, id.indexOf('-')), Number(id.slice(id.indexOf('-') + 1))]

/**
 * One connection for all its listeners. A listener is posted `{ name, data, id }` for each event, and `open` and `lost`.
 *
 * @typedef {{ postMessage(message: { name: string, data?: string, id?: string }): void }} Listener
 * @typedef {Pick<EventSource, 'addEventListener' | 'close' | 'onopen' | 'onerror'>} Source
 */
export class Stream {
  /**
   * @param {(after: string) => Source} connect Opens a connection that sends the events after a position.
   * @param {string} after
   * @param {() => void} ended Called when the stream is closed, by the server or because nobody listens.
   */
  constructor(connect, after, ended) {
    this.connect = connect
    this.ended = ended
    /** @type {Map<Listener, number>} When each listener joined or was heard of last. */
    this.listeners = new Map()
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
    this.source = this.connect(this.last)
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
    this.heard = Date.now()
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.reconnect(), STREAM_TIMEOUT)
  }

  /** Opens a connection at once, unless there is one that was heard of lately. */
  wake() {
    if (!this.up || Date.now() - this.heard > SUSPECT) this.open()
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
    for (const listener of this.listeners.keys()) listener.postMessage(message)
  }

  /** Adds a listener, which has heard the events until `after`, or updates the time at which it was heard of. */
  join(listener, after) {
    const known = this.listeners.has(listener)
    this.listeners.set(listener, Date.now())
    if (known) return
    if (this.up) listener.postMessage({ name: 'open' })
    else if (this.failures > 0) listener.postMessage({ name: 'lost' })
    const [process, number] = parse(after)
    const [ours, first] = parse(this.from)
    if (process !== ours || number < first) listener.postMessage({ name: 'resync', data: '{}', id: this.last })
    else for (const message of this.recent) if (parse(message.id)[1] > number) listener.postMessage(message)
  }

  leave(listener) {
    this.listeners.delete(listener)
    if (this.listeners.size === 0) this.close()
  }

  close() {
    this.source.close()
    clearTimeout(this.timer)
    clearTimeout(this.watchdog)
    this.ended()
  }
}

/** Parses server-sent events from pieces of text, which may end anywhere. */
export class EventParser {
  #rest = ''
  #type = ''
  #data = []
  #id = ''

  /** @param {(type: string, data: string, lastEventId: string) => void} act Called with each event. */
  constructor(act) {
    this.act = act
  }

  push(text) {
    // A carriage return at the end of the piece may be one half of a line end.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[^])/)
    this.#rest = lines.pop()
    for (const line of lines) this.#read(line)
  }

  #read(line) {
    if (line === '') return this.#end()
    const [, field, value] = /^([^:]*)(?:: ?)?(.*)$/s.exec(line)
    if (field === 'event') this.#type = value
    if (field === 'data') this.#data.push(value)
    if (field === 'id' && !value.includes('\0')) this.#id = value
  }

  #end() {
    const [type, data] = [this.#type || 'message', this.#data]
    this.#type = ''
    this.#data = []
    if (data.length > 0) this.act(type, data.join('\n'), this.#id)
  }
}

/**
 * An event source that sends a token, which `EventSource` cannot. It ends with `onerror` and does not reconnect.
 *
 * @implements {Source}
 */
export class TokenSource {
  /** @type {(() => void) | null} */
  onopen = null
  /** @type {(() => void) | null} */
  onerror = null
  #listeners = new Map()
  #life = new AbortController()

  /**
   * @param {string} url
   * @param {(refused?: string) => Promise<string>} token Returns a token: another one than `refused`, which the server refused.
   */
  constructor(url, token) {
    this.#run(url, token).catch(() => {
      if (!this.#life.signal.aborted) this.onerror?.()
    })
  }

  addEventListener(name, act) {
    this.#listeners.set(name, act)
  }

  close() {
    this.#life.abort()
  }

  async #run(url, token) {
    const first = await token()
    let response = await this.#request(url, first)
    if (response.status === 401) response = await this.#request(url, await token(first))
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (!response.ok || !isStream) throw new Error(`no stream, but status ${response.status}`)
    this.onopen?.()
    const decoder = new TextDecoder()
    const parser = new EventParser((type, data, lastEventId) => {
      if (!this.#life.signal.aborted) this.#listeners.get(type)?.({ data, lastEventId })
    })
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) throw new Error('the stream has ended')
      parser.push(decoder.decode(value, { stream: true }))
    }
  }

  #request(url, token) {
    const { signal } = this.#life
    signal.throwIfAborted()
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}` }
    return fetch(url, { headers, signal, cache: 'no-store', credentials: 'omit' })
  }
}
