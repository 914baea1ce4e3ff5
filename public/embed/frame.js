// Script of the page in the frame (`mode="frame"`): shows the element in the whole page, and connects it with the element of the page
// around it, class Frame in embed.js.
//
// It posts `{ clientele: 'hello' }` to that page, which answers with `{ clientele: 'port', start }` and a port. Through the port come
// `{ attributes }`, `{ appearance }` and `{ method, given }`, and go `{ event, detail }` and `{ failed }`, a reason. A token is
// requested with `{ ask: number }` and answered by `{ answer: number, token }`, without `token` if the page has none.

const EVENTS = ['ready', 'load-error', 'customer-selected', 'customer-updated', 'callback-started', 'blacklist-changed', 'session-expired']
const script = new URL('../embed.js', import.meta.url).href

/** @type {Map<number, { resolve: (token: string) => void, reject: (error: Error) => void }>} */
const asked = new Map()
let count = 0

/** Returns a callback for tokens: another one each time, because the element ignores the one that it has. */
const tokenFrom = port => () =>
  new Promise((resolve, reject) => {
    asked.set(++count, { resolve, reject })
    port.postMessage({ ask: count })
  })

function answer(number, token) {
  const promise = asked.get(number)
  asked.delete(number)
  if (token) promise?.resolve(token)
  else promise?.reject(new Error('the page has no token'))
}

function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name)
    else element.setAttribute(name, value)
  }
}

/** Makes the element fill the page. */
function fillPage() {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('html, body { height: 100%; margin: 0 } clientele-customers { height: 100% }')
  document.adoptedStyleSheets = [sheet]
}

/**
 * @param {MessagePort} port
 * @param {{ attributes: object, customer?: number, query: string, appearance: Record<string, string>, token: boolean }} start
 */
async function connect(port, { attributes, customer, query, appearance, token }) {
  try {
    await import(script)
  } catch {
    port.postMessage({ failed: 'network' })
    return
  }
  fillPage()
  const element = /** @type {import('../embed.js').ClienteleCustomersElement} */ (document.createElement('clientele-customers'))
  for (const name of EVENTS) {
    element.addEventListener(name, event => port.postMessage({ event: name, detail: /** @type {CustomEvent} */ (event).detail }))
  }
  setAttributes(element, attributes)
  element.appearance = appearance
  element.setFilters(query)
  element.openCustomer(customer ?? null)
  if (token) element.fetchToken = tokenFrom(port)
  port.onmessage = ({ data }) => {
    if (data.answer) answer(data.answer, data.token)
    if (data.attributes) setAttributes(element, data.attributes)
    if (data.appearance) element.appearance = data.appearance
    if (data.method === 'renew') element.fetchToken = tokenFrom(port)
    else if (['openCustomer', 'setFilters', 'refresh', 'logout'].includes(data.method)) element[data.method](data.given)
  }
  document.body.append(element)
}

// In a tab of its own the page stays empty.
if (window.parent !== window) {
  // Which pages may frame this one is in its policy, so each of them may connect, but only once.
  window.addEventListener('message', function take({ source, data, ports: [port] }) {
    if (source !== window.parent || data?.clientele !== 'port' || !port) return
    window.removeEventListener('message', take)
    connect(port, data.start)
  })
  window.parent.postMessage({ clientele: 'hello' }, '*')
  // Before it is needed. `connect` handles the error.
  import(script).catch(() => {})
}
