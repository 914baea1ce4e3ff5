// Loads the console: the WebAssembly module, the style sheet and the icons, once for all elements of a page. Finds out why something
// of it cannot be loaded.

/** Origin of the Clientele server. */
export const BASE = new URL(import.meta.url).origin

/** Milliseconds after which the event of a violation has arrived. It may come after the failure that it explains. */
const EVENT_DELAY = 50
/** Pixels of one `rem` in the style sheet. In a page of another application it could be anything. */
const REM = 16

/**
 * Reason why the console is not shown, as in the event `load-error`.
 *
 * @typedef {{ script: string, wasm: string, style: string, icons: string }} Assets Paths of the console's files.
 * @typedef {{
 *   open(key?: number): void, set_query(query: string): void, refresh(): void, set_locale(tag: string): void,
 *   resume(): void, unmount(): void,
 * }} Mount A mounted console (app/browser/src/widget.rs).
 * @typedef {{
 *   mount: (place: HTMLElement, host: object, options: object) => Mount,
 *   sheet: CSSStyleSheet,
 *   icons: DocumentFragment,
 * }} Module The loaded console. `icons` has to be copied into each shadow root.
 */
export class Failure extends Error {
  /**
   * @param {string} reason
   * @param {string} [directive] Directive of the page's security policy that is in the way.
   */
  constructor(reason, directive) {
    super(directive ?? reason)
    this.reason = reason
    this.directive = directive
  }

  /** Returns the failure that an error of any kind stands for. */
  static of(error) {
    return error instanceof Failure ? error : new Failure('network')
  }
}

/**
 * Calls `hear` with each directive by which the page's security policy blocks something of Clientele. Returns a function that ends
 * this.
 *
 * @param {(directive: string) => void} hear
 */
export function watchPolicy(hear) {
  const listen = ({ disposition, blockedURI, effectiveDirective }) => {
    const ours = blockedURI.startsWith(BASE) || blockedURI === 'trusted-types-sink'
    // `script-src-elem` is a part of `script-src`, which is the one that pages set.
    if (ours && disposition === 'enforce') hear(effectiveDirective.replace(/-(elem|attr)$/, ''))
  }
  document.addEventListener('securitypolicyviolation', listen)
  return () => document.removeEventListener('securitypolicyviolation', listen)
}

/**
 * Runs a step. If it fails because of the page's security policy, the error names the directive.
 *
 * @template T
 * @param {() => Promise<T>} step
 */
export async function underPolicy(step) {
  const directives = []
  const stop = watchPolicy(directive => directives.push(directive))
  try {
    return await step()
  } catch (error) {
    if (error instanceof Failure) throw error
    await new Promise(over => setTimeout(over, EVENT_DELAY))
    throw directives.length > 0 ? new Failure('csp', directives[0]) : error
  } finally {
    stop()
  }
}

/**
 * Sends a request without cookies.
 *
 * @param {string} path
 * @param {RequestInit} [options]
 */
export const request = (path, options) => fetch(BASE + path, { ...options, credentials: 'omit' })

/**
 * Loads a file.
 *
 * @param {string} path
 * @param {RequestCache} cache
 */
async function load(path, cache) {
  const response = await request(path, { cache })
  if (!response.ok) throw new Failure('network')
  return response
}

const loadText = async (path, cache) => (await load(path, cache)).text()

/** Throws if the policy of the page forbids WebAssembly, before anything is loaded in vain. */
function expectWebAssembly() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))
  } catch {
    throw new Failure('csp', 'wasm-unsafe-eval')
  }
}

/** Fails if the policy of the page forbids our images. The style sheet would load them only later, and nobody would know why. */
async function expectImages(path) {
  const load = () =>
    new Promise((loaded, failed) => {
      const image = new Image()
      image.crossOrigin = 'anonymous'
      image.onload = loaded
      image.onerror = failed
      image.src = BASE + path
    })
  await underPolicy(load).catch(error => {
    // Without icons, but for no such reason, the console can be used.
    if (error instanceof Failure) throw error
  })
}

/** Makes the style sheet of our own pages independent of the page around the element. */
function adapt(css) {
  const sheet = new CSSStyleSheet()
  const inPixels = css.replace(/(\d*\.?\d+)rem\b/g, (_, number) => `${Number(number) * REM}px`)
  sheet.replaceSync(inPixels.replace(/url\((["']?)\/(?!\/)/g, `url($1${BASE}/`))
  return sheet
}

/** Parses the icons. Only this step needs HTML from a text, like the console itself. */
function parseIcons(text) {
  const template = document.createElement('template')
  try {
    template.innerHTML = text
  } catch {
    throw new Failure('csp', 'require-trusted-types-for')
  }
  const [sprite] = template.content.children
  sprite.setAttribute('hidden', '')
  sprite.setAttribute('aria-hidden', 'true')
  return template.content
}

/** The console's code, which is loaded once, or anew after it failed. */
class Runtime {
  /**
   * The module in use.
   *
   * @type {Module | undefined}
   */
  current
  /** @type {Promise<Module> | undefined} */
  #loading
  #attempts = 0
  /** @type {Assets} */
  assets

  /** Loads the console, unless it is loaded or being loaded. */
  load() {
    this.#loading ??= underPolicy(() => this.#load(this.#attempts++)).catch(error => {
      this.#loading = undefined
      throw Failure.of(error)
    })
    return this.#loading
  }

  /**
   * Forgets a module that has failed; the next one is instantiated anew. Returns `false` if that was done before.
   *
   * @param {Module} module
   */
  discard(module) {
    if (this.current !== module) return false
    this.current = this.#loading = undefined
    return true
  }

  async #load(attempt) {
    expectWebAssembly()
    // A proxy may have sent an error as a response that can be cached.
    const cache = attempt > 0 ? 'reload' : 'default'
    // The server may have been updated since the page was loaded.
    if (attempt > 0) this.assets = JSON.parse(/^const ASSETS=(.*);$/m.exec(await loadText('/embed.js', cache))[1])
    const { script, wasm, style, icons } = this.assets
    // Browsers keep a script, also one that they could not load, for as long as the page lives. Another URL is another script.
    const fresh = attempt > 0 ? script.replace(/^\/pkg\/[^/]+/, `$&.${attempt}`) : script
    const [glue, binary, css, sprite] = await Promise.all([
      import(BASE + fresh),
      load(wasm, cache),
      loadText(style, cache),
      loadText(icons, cache),
      expectImages(icons),
    ])
    const parsed = parseIcons(sprite)
    await glue.default({ module_or_path: binary })
    return (this.current = { mount: glue.mount, sheet: adapt(css), icons: parsed })
  }
}

export const runtime = new Runtime()
