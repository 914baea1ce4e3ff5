import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve, sep } from 'node:path'
import { build, type BuildOptions } from 'esbuild'

/** The pages of the larger console: without a framework, with React, with Vue, and one that contains nothing but a place. */
export const kinds = ['plain', 'react', 'vue'] as const
export type Kind = (typeof kinds)[number] | 'bare'

export type Feature = 'list' | 'edit' | 'tags' | 'callback' | 'blacklist'

/** A user who is signed in to the larger console. */
export type User = { login: string; name?: string; role?: 'agent' | 'admin'; features?: Feature[] }

/** A way in which the larger console's back end fails to provide a token. `times`: for so many requests; otherwise for all. */
export type TokenFault = { times?: number } & (
  | { kind: 'delay'; milliseconds: number }
  | { kind: 'fail' }
  /** The request is never answered. */
  | { kind: 'hang' }
  /** A token that the server does not accept any more. */
  | { kind: 'expired' }
  /** The token of the first response, whatever became of it. */
  | { kind: 'stale' }
  /** A token of another agent. */
  | { kind: 'other'; user: User }
)

/** A token that was handed out. */
export type Minted = { token: string; login: string }

/** Returns the smallest content security policy with which a page can embed Clientele; docs/embedding.md quotes it. */
export function minimumPolicy(clientele: string, mode: 'element' | 'frame' | 'both') {
  const element = mode !== 'frame'
  const directives = [
    `default-src 'none'`,
    `script-src 'self' ${clientele}${element ? ` 'wasm-unsafe-eval'` : ''}`,
    `style-src 'self'`,
    `connect-src 'self'${element ? ` ${clientele}` : ''}`,
    element ? `img-src ${clientele}` : '',
    mode === 'element' ? '' : `frame-src ${clientele}`,
  ]
  return directives.filter(directive => directive !== '').join('; ')
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/**
 * A larger console with its own origin: serves the example pages, and mints tokens for the user who is signed in to it. The user,
 * the policy and the faults are fields, which tests set.
 */
export class HostServer {
  /** Origin of the Clientele server, from which the pages load the script. */
  clientele: string
  /** Origin of the Clientele server for the requests of this back end. */
  readonly api: string
  /** Key with which tokens are minted. It never leaves the back end. */
  key: string
  /** The user who is signed in; `null` if nobody is. */
  user: User | null = null
  readonly faults: TokenFault[] = []
  /** Content security policy of the pages; `null` for none. */
  policy: string | null = null
  /** Number of requests for a token, including those that failed. */
  asked = 0
  readonly minted: Minted[] = []

  private readonly folder: string
  private readonly server: Server
  private readonly bundles = new Map<string, Promise<string>>()

  constructor(settings: { clientele: string; key: string; folder: string }) {
    this.clientele = this.api = settings.clientele
    this.key = settings.key
    this.folder = resolve(settings.folder)
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(error => {
        if (!response.headersSent) response.writeHead(500)
        response.end(String(error))
      })
    })
  }

  async start(port = 0) {
    await new Promise<void>((started, failed) => {
      this.server.once('error', failed)
      this.server.listen(port, '127.0.0.1', started)
    })
    return this
  }

  async stop() {
    this.server.closeAllConnections()
    await new Promise(stopped => this.server.close(stopped))
  }

  get origin() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Returns the URL of a page. The parameters are attributes of the element; `filters` and `appearance` are JSON. */
  url(kind: Kind, parameters: Record<string, string> = {}) {
    return `${this.origin}/${kind}/?${new URLSearchParams(parameters)}`
  }

  /** Forgets the user, the faults and the tokens of the last test. */
  reset() {
    this.through(this.api)
    this.user = null
    this.faults.length = this.minted.length = this.asked = 0
  }

  /** Makes the pages load Clientele from another address, which stands in front of the server. */
  through(clientele: string) {
    this.clientele = clientele
    this.policy = minimumPolicy(clientele, 'both')
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '/', this.origin)
    if (pathname === '/token') return this.token(request, response)
    if (pathname === '/favicon.ico') return void response.writeHead(204).end()
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const bundle = /^\/(react|vue)\/main\.js$/.exec(path)
    if (bundle) return this.send(response, '.js', await this.bundle(bundle[1] as 'react' | 'vue'))
    const file = join(this.folder, path)
    const served = file.startsWith(this.folder + sep) && extname(file) in types
    const text = served ? await readFile(file, 'utf8').catch(() => null) : null
    if (text === null) return void response.writeHead(404).end()
    this.send(response, extname(file), text.replaceAll('{{clientele}}', this.clientele))
  }

  private send(response: ServerResponse, ending: string, text: string) {
    const headers: Record<string, string> = { 'content-type': types[ending]!, 'cache-control': 'no-store' }
    if (this.policy !== null && ending === '.html') headers['content-security-policy'] = this.policy
    response.writeHead(200, headers).end(text)
  }

  /** Responds with a token for the signed-in user. Only this console's own pages get one. */
  private async token(request: IncomingMessage, response: ServerResponse) {
    this.asked++
    const fault = this.takeFault()
    if (request.method !== 'POST' || request.headers['sec-fetch-site'] !== 'same-origin') return void response.writeHead(403).end()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'fail') return void response.writeHead(500).end()
    if (fault?.kind === 'delay') await new Promise(over => setTimeout(over, fault.milliseconds))
    const user = fault?.kind === 'other' ? fault.user : this.user
    if (!user) return void response.writeHead(401).end()
    const first = this.minted[0]
    const token = fault?.kind === 'stale' && first ? first.token : await this.mint(user)
    if (fault?.kind === 'expired') await this.revoke(token)
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify({ token }))
  }

  private takeFault() {
    const fault = this.faults[0]
    if (fault?.times !== undefined && --fault.times === 0) this.faults.shift()
    return fault
  }

  /** Mints a token, as docs/examples/mint does. */
  async mint({ login, name, role, features }: User, origin = this.origin) {
    const answer = await this.call('POST', 'sessions', { agent: { login, name }, role, features, origin })
    if (answer.status !== 201) throw new Error(`the token was refused: ${answer.status} ${await answer.text()}`)
    const { token } = (await answer.json()) as { token: string }
    this.minted.push({ token, login })
    return token
  }

  /** Ends a token, as a console does when its user signs out. */
  async revoke(token: string) {
    const answer = await this.call('POST', 'sessions/revoke', { token })
    if (!answer.ok) throw new Error(`the token was not revoked: ${answer.status}`)
  }

  private call(method: string, path: string, body: object) {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' }
    return fetch(`${this.api}/api/v1/embed/${path}`, { method, headers, body: JSON.stringify(body) })
  }

  /** Bundles the script of a page once. */
  private bundle(kind: 'react' | 'vue') {
    const known = this.bundles.get(kind)
    if (known) return known
    const options: BuildOptions & { write: false } = {
      entryPoints: [join(this.folder, kind, kind === 'react' ? 'main.jsx' : 'main.js')],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      // `vue` re-exports this package and adds the compiler of templates, which render functions do not need.
      alias: { vue: '@vue/runtime-dom' },
      // StrictMode mounts twice in development only, which is what a test relies on.
      define: {
        'process.env.NODE_ENV': '"development"',
        __VUE_OPTIONS_API__: 'false',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    }
    const bundle = build(options).then(({ outputFiles }) => outputFiles[0]!.text)
    this.bundles.set(kind, bundle)
    return bundle
  }
}
