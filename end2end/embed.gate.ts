import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from './proxy'

/** A request of a widget, as it arrived. */
export type Seen = { what: string; token: string; at: number }

/** A token that the server does not know, in the right form. */
export const FORGED = `cet_${'0'.repeat(64)}`

/**
 * A proxy in front of the server under test, from which a host page loads the script. Unlike `FaultyProxy` it leaves the `Origin`
 * of requests as it is. It records requests with their tokens, lets tokens expire, injects faults, and counts the event streams.
 */
export class Gate {
  readonly faults: Fault[] = []
  readonly seen: Seen[] = []
  private readonly target: URL
  private readonly server: Server
  private readonly expired = new Set<string>()
  private readonly streaming = new Map<ServerResponse, string>()

  constructor(target: URL) {
    this.target = target
    this.server = createServer((incoming, outgoing) => this.forward(incoming, outgoing))
  }

  async start() {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async stop() {
    this.cut()
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }

  get origin() {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`
  }

  /** Number of open event streams. */
  get streams() {
    return this.streaming.size
  }

  /** Tokens with which the open event streams were opened. */
  get listening() {
    return [...this.streaming.values()]
  }

  /** Makes tokens expire: from now on the server gets an unknown token in their place. Open event streams go on. */
  expire(tokens: string[]) {
    for (const token of tokens) this.expired.add(token)
  }

  /** Ends the open event streams without an event, as they end when the time of their token is over. */
  cut() {
    for (const stream of this.streaming.keys()) stream.destroy()
  }

  count(path: RegExp) {
    return this.seen.filter(({ what }) => path.test(what)).length
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse) {
    const what = `${incoming.method} ${incoming.url}`
    const token = incoming.headers.authorization?.replace('Bearer ', '') ?? ''
    if (incoming.method !== 'OPTIONS') this.seen.push({ what, token, at: Date.now() })
    const fault = this.faults.find(({ path, method }) => path.test(incoming.url ?? '') && (!method || method === incoming.method))
    if (fault?.abort) return void outgoing.destroy()
    if (fault?.stall) return
    const headers = { ...incoming.headers, host: this.target.host }
    if (this.expired.has(token)) headers.authorization = `Bearer ${FORGED}`
    const { hostname, port } = this.target
    const forwarded = request({ hostname, port, method: incoming.method, path: incoming.url, headers }, answer => {
      const pass = () => {
        // A failing server's proxy sets the same headers as the server.
        outgoing.writeHead(fault?.status ?? answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
        if (!answer.headers['content-type']?.startsWith('text/event-stream')) return
        this.streaming.set(outgoing, token)
        outgoing.on('close', () => {
          this.streaming.delete(outgoing)
          answer.destroy()
        })
      }
      if (fault?.lose) outgoing.destroy()
      else if (fault?.delay) setTimeout(pass, fault.delay)
      else pass()
    })
    forwarded.on('error', () => outgoing.destroy())
    // A widget that is unmounted aborts its requests.
    outgoing.on('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  }
}
