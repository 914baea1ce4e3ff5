// What an element contains: the console itself, or a frame with a page of the Clientele server that contains the element again. Both
// kinds of view have the same methods.

import { localeOf, notice, sheet, skeleton } from './placeholder.js'
import { BASE, Failure, runtime, watchPolicy } from './runtime.js'
import { session } from './session.js'

/** Milliseconds until a view that is still loading says so. Pages are promised five seconds. */
const LIMIT = 4800
const EVENTS = ['ready', 'load-error', 'customer-selected', 'customer-updated', 'callback-started', 'blacklist-changed', 'session-expired']
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-downloads'

/**
 * The element as its view sees it. `forget` drops what the agent has chosen.
 *
 * @typedef {{
 *   element: HTMLElement,
 *   show(sheet: CSSStyleSheet, ...content: Node[]): void,
 *   emit(name: string, detail: any): void,
 *   restart(): void,
 *   forget(): void,
 *   settings(): { customer?: number, query: string, appearance: Record<string, string> },
 * }} Inside
 *
 * @type {Set<Console | Frame>} Views of all elements.
 */
export const views = new Set()

/** Tries again all views that have failed: what they lack is the same. */
function retry() {
  for (const view of [...views]) if (view.failed) view.inside.restart()
}

/** Takes a module out of use. After a panic its state is undefined, so it must not be called again. */
function crash(module) {
  if (!runtime.discard(module)) return
  // The module may be the caller.
  queueMicrotask(() => {
    session.silence()
    for (const view of views) view.crashed()
  })
}

/** The console in the element's shadow root. */
export class Console {
  failed = false
  /** @type {import('./runtime.js').Mount | undefined} */
  #mount
  /** @type {import('./runtime.js').Module | undefined} */
  #module
  #stopped = false
  #limit

  /** @param {Inside} inside */
  constructor(inside) {
    this.inside = inside
    views.add(this)
    session.join(this)
    // Signed out is no failure: the page around the element did it.
    if (session.signedOut) this.#notify(new Failure('token'), null)
    else this.#start()
  }

  stop() {
    this.#stopped = true
    clearTimeout(this.#limit)
    views.delete(this)
    session.leave(this)
    this.#call('unmount')
    this.#mount = undefined
  }

  restart() {
    this.inside.restart()
  }

  /** The page has set another callback for tokens. `first`: it had none before. */
  renew(first) {
    if (first) this.restart()
  }

  signOut() {
    this.inside.forget()
  }

  open(customer) {
    this.#call('open', customer)
  }

  filter(query) {
    this.#call('set_query', query)
  }

  refresh() {
    this.#call('refresh')
  }

  change(name) {
    if (name === 'locale') this.#call('set_locale', localeOf(this.inside.element))
  }

  paint() {}

  expire(reason) {
    if (!this.#mount) return
    this.inside.emit('session-expired', { reason })
    // Customers of the agent before are nothing for the one who is there now. Drafts are stored.
    if (reason !== 'other-agent' || !this.#mount) return
    this.#call('unmount')
    this.#mount = this.#module = undefined
    this.failed = true
    this.#notify({ reason }, retry)
  }

  resume() {
    if (this.#mount) this.#call('resume')
    else if (this.failed) this.restart()
  }

  crashed() {
    if (!this.#module) return
    this.#mount = this.#module = undefined
    this.failed = false
    this.#fail(new Failure('crashed'))
  }

  #start() {
    this.inside.show(sheet, skeleton(localeOf(this.inside.element)))
    const late = () => new Failure(runtime.current && !this.#mount ? 'token' : 'timeout')
    this.#limit = setTimeout(() => this.#fail(late()), LIMIT)
    this.#load().catch(error => this.#fail(error))
  }

  async #load() {
    // Without a callback there is nothing to wait for: `renew` begins anew.
    const token = session.fetchToken ? session.validToken() : new Promise(() => {})
    const [module] = await Promise.all([runtime.load(), token])
    if (this.#stopped) return
    if (module !== runtime.current) return this.#load()
    this.#begin(module)
  }

  #begin(module) {
    const { element, show, settings } = this.inside
    const place = document.createElement('div')
    place.className = 'embedded'
    show(module.sheet, document.importNode(module.icons, true), place)
    this.failed = false
    this.#module = module
    const { customer, query } = settings()
    const { role, features } = session.access
    const wanted = element.getAttribute('features')?.split(/\s+/)
    const options = {
      mode: role,
      locale: localeOf(element),
      customer,
      query,
      features: features.filter(feature => wanted?.includes(feature) ?? true),
    }
    try {
      this.#mount = module.mount(place, this.#host(module), options)
    } catch (error) {
      console.error(error)
      crash(module)
    }
  }

  /** Returns the functions that the module calls (app/src/host.rs). */
  #host(module) {
    const isAlive = () => !this.#stopped && module === this.#module
    return {
      base: BASE,
      // The module calls these of any element, also of one that is gone.
      token: async refused => {
        if (module !== runtime.current) throw new Failure('crashed')
        return session.token(refused)
      },
      crashed: () => crash(module),
      reconnect: () => session.reconnect(),
      subscribe: (mode, after, hear) => (isAlive() ? session.subscribe(mode, after, hear) : () => {}),
      // Later: a listener may call the module, which is the caller.
      emit: (name, detail) => queueMicrotask(() => isAlive() && this.#emit(name, JSON.parse(detail))),
    }
  }

  #emit(name, detail) {
    if (name === 'ready' || name === 'load-error') clearTimeout(this.#limit)
    this.inside.emit(name, detail)
  }

  #call(name, ...given) {
    const module = this.#module
    try {
      this.#mount?.[name](...given)
    } catch (error) {
      console.error(error)
      crash(module)
    }
  }

  #fail(error) {
    if (this.#stopped || this.failed) return
    clearTimeout(this.#limit)
    const { reason, directive } = Failure.of(error)
    if (!this.#mount) {
      this.failed = true
      this.#notify({ reason, directive }, retry)
    }
    this.inside.emit('load-error', directive ? { reason, directive } : { reason })
  }

  #notify(failure, act) {
    this.inside.show(sheet, notice(localeOf(this.inside.element), failure, act))
  }
}

/** The element of a page of the Clientele server, in a sandboxed frame. frame.js is the other side. */
export class Frame {
  failed = false
  #frame = document.createElement('iframe')
  /** @type {MessagePort | undefined} */
  #port
  #limit
  #unwatch

  /** @param {Inside} inside */
  constructor(inside) {
    this.inside = inside
    views.add(this)
    window.addEventListener('message', this.#hello)
    this.#unwatch = watchPolicy(directive => directive === 'frame-src' && this.#fail(new Failure('csp', directive)))
    let loaded = false
    this.#frame.addEventListener('load', () => (loaded = true))
    // A frame that the server refuses to show loads as well, but says nothing.
    this.#limit = setTimeout(() => this.#fail(new Failure(loaded ? 'origin' : 'timeout')), LIMIT)
    this.#frame.setAttribute('sandbox', SANDBOX)
    this.#frame.allow = 'clipboard-write'
    this.#frame.referrerPolicy = 'no-referrer'
    this.#frame.title = 'Clientele'
    this.#frame.src = `${BASE}/embed/frame`
    // The height is that of the element, in both modes.
    inside.show(sheet, this.#frame)
  }

  stop() {
    clearTimeout(this.#limit)
    this.#unwatch()
    views.delete(this)
    window.removeEventListener('message', this.#hello)
    this.#port?.close()
  }

  renew() {
    this.#post({ method: 'renew' })
  }

  signOut() {
    this.inside.forget()
    this.#post({ method: 'logout' })
    this.open(this.inside.settings().customer)
  }

  open(customer) {
    this.#post({ method: 'openCustomer', given: customer ?? null })
  }

  filter(query) {
    this.#post({ method: 'setFilters', given: query })
  }

  refresh() {
    this.#post({ method: 'refresh' })
  }

  change(name) {
    this.#post({ attributes: this.#attributes([name]) })
  }

  paint(appearance) {
    this.#post({ appearance })
  }

  crashed() {}

  #post(message) {
    this.#port?.postMessage(message)
  }

  #attributes(names) {
    const { element } = this.inside
    return Object.fromEntries(names.map(name => [name, name === 'locale' ? localeOf(element) : element.getAttribute(name)]))
  }

  /** Hands a port to the frame, again if the frame has loaded again because the element was moved. */
  #hello = ({ source, origin, data }) => {
    if (!source || source !== this.#frame.contentWindow || origin !== BASE || data?.clientele !== 'hello') return
    clearTimeout(this.#limit)
    this.#unwatch()
    this.#port?.close()
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }) => this.#hear(data)
    const attributes = this.#attributes(['locale', 'theme', 'density', 'features'])
    const start = { ...this.inside.settings(), attributes, token: session.fetchToken !== undefined }
    this.#frame.contentWindow.postMessage({ clientele: 'port', start }, BASE, [port2])
  }

  #hear({ event, detail, ask, failed }) {
    if (EVENTS.includes(event)) this.inside.emit(event, detail)
    if (failed) this.#fail(new Failure(failed))
    if (ask) session.askPage().then(token => this.#post({ answer: ask, token }), () => this.#post({ answer: ask }))
  }

  #fail({ reason, directive }) {
    if (this.failed) return
    this.stop()
    views.add(this)
    this.failed = true
    this.inside.show(sheet, notice(localeOf(this.inside.element), { reason, directive }, retry))
    this.inside.emit('load-error', directive ? { reason, directive } : { reason })
  }
}
