// Defines <clientele-customers>, the Customers page of Clientele as an element of another application's page. embed.d.ts describes
// it. The server puts a line before this file, `const ASSETS={…};`, with the paths of the console's files.
//
// An element contains a view (embed/views.js). Nothing here changes the page around the element: no attribute, no style, no global
// variable, only the name of the element.

import { runtime } from './embed/runtime.js'
import { session } from './embed/session.js'
import { sheet } from './embed/placeholder.js'
import { Console, Frame, views } from './embed/views.js'
// Used by the others. All are loaded at the same time.
import './embed/stream.js'
import './embed/time.js'

const NAME = 'clientele-customers'

/**
 * Keeps from the shortcuts of the page what is typed into a field of the console, and keys that the console has used.
 *
 * Nothing is needed to keep Enter from submitting a form around the element: a field belongs to a form of its own tree, and `submit`
 * does not leave a shadow root.
 *
 * @this {ShadowRoot}
 */
function keepInside(event) {
  const [target] = event.composedPath()
  const isField = target instanceof Element && target.closest('input, textarea, select, [contenteditable]')
  // On some keyboards, characters such as @ are typed with Ctrl and Alt.
  const isCommand = event.metaKey || ((event.ctrlKey || event.altKey) && !event.getModifierState?.('AltGraph')) || /^F\d/.test(event.key)
  // Closes a dialog of the console, and must not close the one of the page in which the console may be.
  const closesDialog = event.key === 'Escape' && this.querySelector('dialog:modal') !== null
  if (event.defaultPrevented || closesDialog || (isField && !isCommand)) event.stopPropagation()
}

/** Returns filters as a query of the Customers page. */
function queryOf(filters) {
  if (typeof filters === 'string') return filters
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(filters ?? {}))
    for (const value of [values].flat()) if (value !== null && value !== undefined) query.append(name, String(value))
  return query.toString()
}

/** Returns the key of a customer, if it is one. */
function keyOf(value) {
  const key = Number(value)
  return value !== null && value !== '' && Number.isSafeInteger(key) && key >= 0 ? key : undefined
}

class ClienteleCustomers extends HTMLElement {
  static observedAttributes = ['mode', 'locale', 'theme', 'density', 'customer-id', 'features']
  #root = this.attachShadow({ mode: 'open' })
  #sheet = new CSSStyleSheet()
  /** @type {Console | Frame | undefined} */
  #view
  /** The settings with which the view began; empty without a view. */
  #running = ''
  #timer
  #fetchToken
  #filters
  #query = ''
  #appearance = {}
  #customer

  constructor() {
    super()
    this.#root.adoptedStyleSheets = [sheet]
    for (const type of ['keydown', 'keyup', 'keypress']) this.#root.addEventListener(type, keepInside)
    // Set before the script was loaded, when they were properties like any other. They would hide the accessors.
    for (const name of ['fetchToken', 'appearance', 'filters']) {
      if (!Object.hasOwn(this, name)) continue
      const value = this[name]
      delete this[name]
      this[name] = value
    }
  }

  connectedCallback() {
    this.#settle()
  }

  disconnectedCallback() {
    this.#settle()
  }

  /** With this, `moveBefore` does not call the two above, so that not even a frame loads again. */
  connectedMoveCallback() {}

  attributeChangedCallback(name, before, value) {
    if (before === value) return
    if (name === 'customer-id') this.openCustomer(value)
    else if (name === 'mode' || name === 'features') this.#settle()
    else this.#view?.change(name)
  }

  get fetchToken() {
    return this.#fetchToken
  }

  set fetchToken(fetchToken) {
    this.#fetchToken = fetchToken
    if (typeof fetchToken !== 'function' || fetchToken === session.fetchToken) return
    const first = !session.fetchToken
    session.use(fetchToken)
    for (const view of [...views]) view.renew(first)
  }

  get filters() {
    return this.#filters
  }

  set filters(filters) {
    // Frameworks set a property again although nothing has changed, and the agent may have chosen other filters meanwhile.
    if (queryOf(filters) === queryOf(this.#filters)) this.#filters = filters
    else this.setFilters(filters)
  }

  get appearance() {
    return this.#appearance
  }

  set appearance(appearance) {
    this.#appearance = { ...appearance }
    this.#sheet.replaceSync(':host {}')
    const { style } = /** @type {CSSStyleRule} */ (this.#sheet.cssRules[0])
    for (const [name, value] of Object.entries(this.#appearance)) style.setProperty(`--cc-${name}`, String(value))
    this.#view?.paint(this.#appearance)
  }

  openCustomer(customer) {
    this.#customer = keyOf(customer)
    this.#view?.open(this.#customer)
  }

  setFilters(filters) {
    this.#filters = filters
    this.#query = queryOf(filters)
    this.#view?.filter(this.#query)
  }

  refresh() {
    this.#view?.refresh()
  }

  updateAppearance(appearance) {
    this.appearance = { ...this.#appearance, ...appearance }
  }

  logout() {
    for (const view of views) view.signOut()
    session.logout()
  }

  /** Begins or ends later, when a framework has set everything, and an element that is being moved is in its new place. */
  #settle() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const wanted = this.isConnected ? `${this.getAttribute('mode')} ${this.getAttribute('features')}` : ''
      if (wanted !== this.#running) this.#begin(wanted)
    })
  }

  #begin(wanted) {
    this.#view?.stop()
    this.#view = undefined
    this.#root.replaceChildren()
    this.#running = wanted
    if (!wanted) return
    const View = this.getAttribute('mode') === 'frame' && !session.signedOut ? Frame : Console
    this.#view = new View({
      element: this,
      show: (sheet, ...content) => {
        this.#root.adoptedStyleSheets = [sheet, this.#sheet]
        this.#root.replaceChildren(...content)
      },
      emit: (name, detail) => {
        if (name === 'customer-selected') this.#customer = keyOf(detail.customer)
        this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
      },
      restart: () => this.#begin(this.#running),
      forget: () => (this.#customer = keyOf(this.getAttribute('customer-id'))),
      settings: () => ({ customer: this.#customer, query: this.#query, appearance: this.#appearance }),
    })
  }
}

// The script may have been loaded before, by another part of the page.
if (!customElements.get(NAME)) {
  // @ts-expect-error: in the line before this file
  runtime.assets = ASSETS
  customElements.define(NAME, ClienteleCustomers)
}
