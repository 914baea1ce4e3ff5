// What the examples have in common, whatever they are made with.

/** Events that the element sends. */
export const EVENTS = [
  'ready',
  'load-error',
  'customer-selected',
  'customer-updated',
  'callback-started',
  'blacklist-changed',
  'session-expired',
]

/** Fetches a token from this console's own back end, which knows who is signed in and keeps the key. */
export async function fetchToken() {
  const response = await fetch('/token', { method: 'POST' })
  if (!response.ok) throw new Error(`the back end has no token: ${response.status}`)
  return (await response.json()).token
}

/** Returns the attributes and properties of the element, which these examples take from their own URL. */
export function settings() {
  const { filters, appearance, ...attributes } = Object.fromEntries(new URLSearchParams(location.search))
  const parsed = json => (json ? JSON.parse(json) : undefined)
  return { attributes, filters: parsed(filters), appearance: parsed(appearance) }
}

/**
 * Keyboard shortcuts of the console. They leave alone what is typed into a field, also one inside of a shadow root, and keys that
 * something else has used.
 */
export function listenForShortcuts(act) {
  const listen = event => {
    const [target] = event.composedPath()
    const typed = target instanceof Element && target.closest('input, textarea, select, [contenteditable]')
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typed) return
    if (['c', '/', '?'].includes(event.key)) {
      event.preventDefault()
      act(event.key)
    }
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}
