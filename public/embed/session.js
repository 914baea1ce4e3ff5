// The session of the page's agent with the Clientele server, which all elements of a page share: the token, which is renewed before
// it expires, and the event streams.

import { BASE, Failure, request, underPolicy } from './runtime.js'
import { Stream, TokenSource } from './stream.js'
import { pause, Stopwatch, within } from './time.js'

/** Milliseconds that the page may take to provide a token, and the server to check it. */
const TIMEOUT = 10_000
/** Milliseconds before each attempt to get a token. */
const ATTEMPTS = [0, 1000, 3000]
/** Milliseconds after which the age of the token is looked at again: timers stand still while a computer sleeps. */
const LONGEST_TIMER = 15_000
/** Seconds before its end from which on a token is not used any more. */
const MARGIN = 2
/** Seconds without an element after which the page may belong to another user. Frameworks mount again at once. */
const IDLE = 5
/** Failures that another attempt does not change. */
const FINAL = ['csp', 'origin', 'other-agent']
const PATH = '/api/v1/embed/session'

/** Removes what the console has stored for an agent in the tab (app/src/drafts.rs). */
function forget(agent) {
  try {
    const own = new RegExp(`^clientele (draft|request) ${agent} `)
    for (const key of Object.keys(sessionStorage)) if (own.test(key)) sessionStorage.removeItem(key)
  } catch {} // The browser denies storage, so nothing is stored.
}

const send = (method, token, signal) => request(PATH, { method, signal, headers: { authorization: `Bearer ${token}` }, keepalive: !signal })

/**
 * @typedef {{ restart(): void, expire(reason: string): void, resume(): void }} Member A console that belongs to the session, which
 * is over when `expire` is called, and goes on when `resume` is called.
 * @typedef {import('./stream.js').Listener & { mode: string, last: string, hear: Hear }} Listener
 * @typedef {(name: string, data?: string, id?: string) => void} Hear
 * @typedef {{ agent: number, role: 'agent' | 'admin', features: string[], expires_in: number }} Access
 */
class Session {
  /**
   * What the token permits. Kept until `logout`, so that no other agent takes the session over.
   *
   * @type {Access | undefined}
   */
  access
  /**
   * The page's callback, the last one that was set.
   *
   * @type {(() => unknown) | undefined}
   */
  fetchToken
  /** `true` from `logout` until the page sets another callback. */
  signedOut = false
  /** Reason why the session is over. */
  over = ''
  /** @type {Set<Member>} */
  #members = new Set()
  #token = ''
  /**
   * Tokens of this session, with their age and the age at which they end.
   *
   * @type {Map<string, { age: Stopwatch, end: number }>}
   */
  #issued = new Map()
  /**
   * Measures the time without members.
   *
   * @type {Stopwatch | undefined}
   */
  #idle
  #age = new Stopwatch()
  /** Ages of the token in seconds: when it ends, and when it is renewed. */
  #end = 0
  #renewAt = 0
  /** @type {Promise<string> | undefined} */
  #renewing
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** Ends what is under way when the last member leaves or the session ends. */
  #life = new AbortController()
  /** @type {Map<string, Stream>} */
  #streams = new Map()
  /** @type {Set<Listener>} */
  #listeners = new Set()

  /** @param {Member} member */
  join(member) {
    this.#members.add(member)
    if (this.#members.size > 1) return
    if (this.#idle?.seconds > IDLE) this.#forget()
    document.addEventListener('visibilitychange', this.#wake)
    window.addEventListener('online', this.#wake)
    this.#tick()
  }

  leave(member) {
    if (!this.#members.delete(member) || this.#members.size > 0) return
    document.removeEventListener('visibilitychange', this.#wake)
    window.removeEventListener('online', this.#wake)
    this.#abort()
    this.#idle = new Stopwatch()
  }

  /** Sets the page's callback. It is called at once if the session is over, and by the next element if there is none. */
  use(fetchToken) {
    this.fetchToken = fetchToken
    this.signedOut = false
    if (this.#members.size === 0) this.#forget()
    else if (this.over) this.#renew([0]).catch(() => {})
  }

  /** Returns a token from the page. */
  async askPage() {
    const given = await this.fetchToken()
    const token = typeof given === 'object' && given ? /** @type {{ token?: unknown }} */ (given).token : given
    // Anything else could not be sent in a header.
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new Error('fetchToken returned no token')
    return token
  }

  /**
   * Returns a token for a request of a console.
   *
   * @param {string} [refused] Token that the server has refused.
   * @returns {Promise<string>} Empty if `refused` was a token of another session.
   */
  async token(refused) {
    // A request from before `logout` must not be repeated in the name of the next agent. That agent's session is not over.
    if (refused && !this.#issued.has(refused)) return ''
    // After the end only a person tries again. Requests in the background would do it for ever.
    if (this.over && navigator.userActivation?.isActive === false) throw new Failure('token')
    return this.validToken(refused)
  }

  /** Returns the token, or a new one if it has expired or is the refused one. */
  async validToken(refused) {
    if (this.#members.size === 0 || !this.fetchToken) throw new Failure('token')
    if (refused === this.#token) this.#end = 0
    if (!this.over && this.#left > MARGIN) return this.#token
    return this.#renew(this.over ? [0] : ATTEMPTS)
  }

  /** Ends the session of the agent, for all elements. */
  logout() {
    const agent = this.access?.agent
    // A token that was renewed before its end is valid as well.
    const valid = [...this.#issued].filter(([, { age, end }]) => age.seconds < end)
    this.#abort()
    this.#forget()
    this.fetchToken = undefined
    this.signedOut = true
    for (const member of [...this.#members]) member.restart()
    this.silence()
    if (agent !== undefined) forget(agent)
    for (const [token] of valid) send('DELETE', token).catch(() => {})
  }

  /**
   * Calls `hear` with the events of a mode after a position. Returns a function that ends this.
   *
   * @param {string} mode
   * @param {string} after
   * @param {Hear} hear
   */
  subscribe(mode, after, hear) {
    const listener = {
      mode,
      last: after,
      // Later: the console is still subscribing, and cannot hear yet.
      hear: (name, data, id) => queueMicrotask(() => this.#listeners.has(listener) && hear(name, data, id)),
      postMessage: ({ name, data, id }) => {
        if (id) listener.last = id
        if (name === 'signed_out') this.#revoked()
        else listener.hear(name, data, id)
      },
    }
    this.#listeners.add(listener)
    if (!this.over) this.#streamOf(mode, after).join(listener, after)
    return () => {
      if (this.#listeners.delete(listener)) this.#streams.get(mode)?.leave(listener)
    }
  }

  /** Opens the streams that are not open. */
  reconnect() {
    if (this.over) return
    // After sleep a stream may seem to be open.
    for (const stream of this.#streams.values()) stream.wake()
    for (const listener of this.#listeners) this.#streamOf(listener.mode, listener.last).join(listener, listener.last)
  }

  /** Ends all subscriptions. */
  silence() {
    this.#listeners.clear()
    for (const stream of this.#streams.values()) stream.close()
  }

  /** Seconds until the token ends. */
  get #left() {
    return this.#end - this.#age.seconds
  }

  get #isDue() {
    return this.#token !== '' && this.#age.seconds >= this.#renewAt
  }

  /** Drops what belongs to the agent: the next token may be another agent's. */
  #forget() {
    this.access = undefined
    this.over = ''
    this.#token = ''
    this.#end = 0
    this.#issued.clear()
  }

  #abort() {
    clearTimeout(this.#timer)
    this.#life.abort()
    this.#life = new AbortController()
    this.#renewing = undefined
  }

  #streamOf(mode, after) {
    const token = async refused => {
      if (this.over) throw new Failure('token')
      return this.validToken(refused)
    }
    const connect = last => new TokenSource(`${BASE}/events?mode=${mode}&after=${encodeURIComponent(last)}`, token)
    if (!this.#streams.has(mode)) this.#streams.set(mode, new Stream(connect, after, () => this.#streams.delete(mode)))
    return this.#streams.get(mode)
  }

  /** The server has ended the token. Another attempt would show the data of the session for longer. */
  #revoked() {
    this.#end = 0
    if (!this.over) this.#renew([0]).then(() => this.reconnect(), () => {})
  }

  /** After sleep the token is renewed first; connections use the new one. */
  #wake = () => {
    if (document.hidden || !this.fetchToken) return
    if (this.over === 'token') this.#renew([0]).catch(() => {})
    else if (!this.over && this.#isDue) this.#tick()
    else for (const stream of this.#streams.values()) stream.wake()
  }

  /** Renews the token when it is time, as long as there are members. */
  #tick() {
    clearTimeout(this.#timer)
    if (this.over || !this.#token || this.#members.size === 0) return
    if (this.#isDue) this.#renew(ATTEMPTS).then(() => this.reconnect(), () => {})
    else this.#timer = setTimeout(() => this.#tick(), Math.min((this.#renewAt - this.#age.seconds) * 1000, LONGEST_TIMER))
  }

  /** Renews the token between 60 and 80 percent of the time that is left, so that not all browsers do it at once. */
  #schedule() {
    this.#renewAt = this.#age.seconds + this.#left * (0.6 + 0.2 * Math.random())
    this.#tick()
  }

  /** Gets another token. All who need one at the same time share it. */
  #renew(pauses) {
    if (!this.#renewing) {
      const renewing = this.#tryToRenew(pauses).finally(() => {
        if (this.#renewing === renewing) this.#renewing = undefined
      })
      this.#renewing = renewing
    }
    return this.#renewing
  }

  async #tryToRenew(pauses) {
    const { signal } = this.#life
    let failure
    for (const milliseconds of pauses) {
      if (milliseconds > 0) await pause(milliseconds, signal)
      const granted = await this.#grant(signal).catch(error => (failure = Failure.of(error)))
      signal.throwIfAborted()
      if (!(granted instanceof Failure)) return this.#accept(granted)
      if (FINAL.includes(failure.reason)) break
    }
    // A listener of the event may set another callback, which must not wait for this attempt.
    this.#renewing = undefined
    this.#fail(failure)
    throw failure
  }

  async #grant(signal) {
    const token = await within(TIMEOUT, signal, this.askPage()).catch(() => null)
    // After one of another agent, the one from before is good again.
    if (!token || (token === this.#token && this.over !== 'other-agent')) throw new Failure('token')
    const age = new Stopwatch()
    const access = await within(TIMEOUT, signal, this.#read(token, signal))
    if (this.access && this.access.agent !== access.agent) throw new Failure('other-agent')
    return { token, age, access }
  }

  /** Asks the server what a token permits. */
  async #read(token, signal) {
    const response = await underPolicy(() => send('GET', token, signal)).catch(async error => {
      if (error instanceof Failure || this.access) throw error
      // Any page may load the script, so only a page that is not on the list of origins fails here.
      const reachable = await request('/embed.js', { method: 'HEAD', cache: 'no-store', signal }).catch(() => null)
      throw new Failure(reachable?.ok ? 'origin' : 'network')
    })
    const access = response.ok && (await response.json())
    if (access.expires_in > 0) return access
    throw new Failure(response.status === 401 ? 'token' : response.status === 403 ? 'origin' : 'network')
  }

  #accept({ token, age, access }) {
    const before = this.access
    this.access = access
    this.#token = token
    this.#issued.set(token, { age, end: access.expires_in })
    this.#age = age
    this.#end = access.expires_in
    const wasOver = this.over
    this.over = ''
    this.#schedule()
    const permits = ({ role, features }) => `${role} ${features}`
    for (const member of [...this.#members]) {
      if (before && permits(before) !== permits(access)) member.restart()
      else if (wasOver) member.resume()
    }
    if (wasOver) this.reconnect()
    return token
  }

  #fail({ reason }) {
    // The token can still be used, so there is time for other attempts.
    if (reason !== 'other-agent' && this.#left > MARGIN) return this.#schedule()
    if (this.over) return
    this.over = reason === 'other-agent' ? reason : 'token'
    clearTimeout(this.#timer)
    for (const stream of this.#streams.values()) stream.close()
    for (const { hear, last } of this.#listeners) hear('signed_out', '{}', last)
    for (const member of [...this.#members]) member.expire(this.over)
  }
}

export const session = new Session()
