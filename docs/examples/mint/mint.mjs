// Mints an embed token with Node.js 20 or newer, without packages.
//
//     CLIENTELE_URL=https://clientele.example CLIENTELE_EMBED_KEY=cek_… node mint.mjs li.na https://console.example
//
// Copy `mintToken` into your back end. Call it for the user who is signed in to your console, never for a login that the browser
// sends.
import { pathToFileURL } from 'node:url'

/** Returns a token for an agent, valid for pages of this origin and for five minutes. */
export async function mintToken({ login, name, origin, role = 'agent', features }) {
  const response = await fetch(`${process.env.CLIENTELE_URL}/api/v1/embed/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.CLIENTELE_EMBED_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agent: { login, name }, role, features, origin }),
    // Your page waits for this.
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok) throw new Error(`Clientele refused the token: ${response.status} ${await response.text()}`)
  return (await response.json()).token
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [login, origin] = process.argv.slice(2)
  console.log(await mintToken({ login, origin }))
}
