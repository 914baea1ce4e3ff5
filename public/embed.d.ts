/**
 * Types of `<clientele-customers>`, the Customers page of Clientele as an element of your page.
 *
 * ```html
 * <script type="module" src="https://clientele.example/embed.js"></script>
 * <clientele-customers></clientele-customers>
 * ```
 *
 * The element fills the height that it has: set one. All elements of a page share one session with the Clientele server.
 */

/** Actions that the element offers. The server enforces those of the token. */
export type ClienteleFeature = 'list' | 'edit' | 'tags' | 'callback' | 'blacklist'

/**
 * Provides a token from your own back end, as text or in an object. It is called before the first request, before a token expires,
 * and when the server refuses one. It has ten seconds, and is called up to three times before the session is over. Return a new token
 * each time: the one that was returned last counts as a failure.
 */
export type ClienteleFetchToken = () => string | { token: string } | PromiseLike<string | { token: string }>

/**
 * Filters and sort order, named like the query parameters of the Customers page: `{ period: 'all', q: 'li', tag: ['3', '9'] }`, or the
 * query itself: `'period=all&q=li&tag=3&tag=9'`.
 */
export type ClienteleFilters = string | Record<string, string | number | readonly (string | number)[] | null | undefined>

/** Design tokens, the custom properties of the element without their prefix `--cc-`: `{ accent: '#00a000' }`. */
export type ClienteleAppearance = Record<string, string>

/**
 * Reason why the console is not shown.
 *
 * - `network`: the server does not answer, or a file is missing.
 * - `origin`: the origin of this page is not on the list of the Clientele server.
 * - `token`: there is no `fetchToken`, it fails, or the server refuses its tokens.
 * - `csp`: the policy of this page lacks something; `directive` says where.
 * - `timeout`: nothing has failed, but it takes longer than five seconds. `ready` may still follow.
 * - `crashed`: the console has stopped, also after `ready`. The agent can start it again.
 *
 * Others are those of `session-expired`, and errors of the first request for the list, such as `forbidden`, `page-off` and
 * `unavailable`.
 */
export type ClienteleLoadErrorReason = 'network' | 'origin' | 'token' | 'csp' | 'timeout' | 'crashed' | (string & {})

/** Events of the element. They bubble and leave shadow roots. Their details contain ids only, never what customers write. */
export interface ClienteleEvents {
  /** The first list is drawn. Comes again when the console has begun anew, as after a change of `mode`. */
  ready: CustomEvent<Record<string, never>>
  /** The console cannot be shown. The element says so, with a button to try again. */
  'load-error': CustomEvent<{
    reason: ClienteleLoadErrorReason
    /** `connect-src`, `img-src`, `script-src`, `frame-src`, `require-trusted-types-for` or `wasm-unsafe-eval`. */
    directive?: string
  }>
  /** The agent has opened another customer, or has closed the pane. */
  'customer-selected': CustomEvent<{ customer: number | null }>
  /** Profile or tags of a customer have changed, here or elsewhere. */
  'customer-updated': CustomEvent<{ customer: number }>
  /** The agent has contacted a customer. */
  'callback-started': CustomEvent<{ customer: number; conversation: number }>
  /** A customer was put on the blacklist or taken off it, here or elsewhere. */
  'blacklist-changed': CustomEvent<{ customer: number; blacklisted: boolean }>
  /**
   * The session is over. `token`: `fetchToken` has failed, or the token was revoked. `other-agent`: it returned a token of another
   * agent without `logout()` before. What the agent has typed is kept. The session goes on when the agent tries again or another
   * `fetchToken` is set.
   */
  'session-expired': CustomEvent<{ reason: 'token' | 'other-agent' }>
}

/** Attributes of the element. */
export interface ClienteleAttributes {
  /**
   * `element` (default): in a shadow root of this page. `frame`: in a sandboxed frame, which needs only `frame-src` in the policy of
   * this page, and loads again when it is moved in the document.
   */
  mode?: 'element' | 'frame'
  /** Language. Default: the language of the elements around it (`lang`), else that of the browser. */
  locale?: 'en' | 'zh-CN'
  /** Colours. `auto` (default): those of the system. */
  theme?: 'light' | 'dark' | 'auto'
  /** Height of rows and controls. Default: `comfortable`. */
  density?: 'comfortable' | 'compact'
  /** Key of the customer to open. */
  'customer-id'?: string | number
  /** Actions to offer, separated by spaces. Default: all that the token permits. */
  features?: string
}

/** Properties that are not attributes. They may be set before the script is loaded. */
export interface ClienteleProperties {
  /** Provides tokens. The page has one callback: the last one that was set on any of its elements. */
  fetchToken?: ClienteleFetchToken | null
  /** Filters and sort order. Setting equal ones again changes nothing; see `setFilters`. */
  filters?: ClienteleFilters
  /** Design tokens. Setting it replaces all of them. */
  appearance?: ClienteleAppearance
}

/** The element `<clientele-customers>`. */
export interface ClienteleCustomersElement extends HTMLElement, ClienteleProperties {
  /** Opens a customer in the pane; `null` closes the pane. */
  openCustomer(customer: number | null): void
  /** Replaces filters and sort order, also what the agent has chosen. */
  setFilters(filters: ClienteleFilters): void
  /** Loads everything displayed again. */
  refresh(): void
  /** Changes some design tokens. */
  updateAppearance(appearance: ClienteleAppearance): void
  /**
   * Ends the session, for all elements of the page: the token, everything on display, and the texts that were typed but not sent. Call
   * it before another agent signs in. The elements begin anew when a `fetchToken` is set.
   */
  logout(): void

  addEventListener<K extends keyof ClienteleEvents>(
    type: K,
    listener: (this: ClienteleCustomersElement, event: ClienteleEvents[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: HTMLElement, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void
  removeEventListener<K extends keyof ClienteleEvents>(
    type: K,
    listener: (this: ClienteleCustomersElement, event: ClienteleEvents[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: HTMLElement, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void
}

/** Listeners as React takes them: `oncustomer-selected`. */
type ReactListeners = { [K in keyof ClienteleEvents as `on${K}`]?: (event: ClienteleEvents[K]) => void }

type Camel<S extends string> = S extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : S
/** Listeners as Vue takes them: `@customer-selected` in a template, `onCustomerSelected` in a render function. */
type VueListeners = { [K in keyof ClienteleEvents as `on${Capitalize<Camel<K>>}`]?: (event: ClienteleEvents[K]) => void }

declare global {
  interface HTMLElementTagNameMap {
    'clientele-customers': ClienteleCustomersElement
  }
}

// Neither framework has to be installed; the comments keep TypeScript from looking for it.

// @ts-ignore
type ReactAttributes = import('react').DetailedHTMLProps<import('react').HTMLAttributes<ClienteleCustomersElement>, ClienteleCustomersElement>
// @ts-ignore
type VueAttributes = import('vue').HTMLAttributes

// @ts-ignore
declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'clientele-customers': ReactAttributes & ClienteleAttributes & ClienteleProperties & ReactListeners
    }
  }
}

// @ts-ignore
declare module 'vue' {
  interface GlobalComponents {
    'clientele-customers': new () => ClienteleCustomersElement & {
      $props: VueAttributes & ClienteleAttributes & ClienteleProperties & VueListeners
    }
  }
}
