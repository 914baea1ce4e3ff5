// Serves the example pages on a machine with a running Clientele server: `npm run hosts` in `end2end/`.
import { resolve } from 'node:path'
import { HostServer, kinds, minimumPolicy } from './server'

const { CLIENTELE = 'http://localhost:3000', EMBED_KEY, LOGIN = 'admin', ROLE = 'admin', PORT = '4000' } = process.env
if (!EMBED_KEY) {
  console.error('Set EMBED_KEY to a key from Admin Mode > Settings > Embedding, and allow the origin that is printed below there.')
}
const host = new HostServer({ clientele: CLIENTELE, key: EMBED_KEY ?? '', folder: resolve('hosts') })
host.user = { login: LOGIN, role: ROLE === 'admin' ? 'admin' : 'agent' }
host.policy = minimumPolicy(CLIENTELE, 'both')
await host.start(Number(PORT))
console.log(`Origin: ${host.origin}, agent: ${LOGIN}`)
for (const kind of kinds) for (const mode of ['element', 'frame']) console.log(host.url(kind, { mode }))
