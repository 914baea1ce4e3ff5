// The code of the element comes from the Clientele server, so that it always fits the server's version.

/** @type {Promise<void> | undefined} */
let loading
let attempts = 0

export function load(base) {
  loading ??= define(base).catch(error => {
    loading = undefined
    throw error
  })
  return loading
}

async function define(base) {
  const script = new URL('/embed.js', base)
  // Browsers keep a script that they could not load for as long as the page lives.
  if (attempts++ > 0) script.search = String(attempts)
  // Bundlers leave this import to the browser.
  await import(/* webpackIgnore: true */ /* @vite-ignore */ script.href)
  await customElements.whenDefined('clientele-customers')
}
