import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to a request. */
export type Fault = {
  path: RegExp
  method?: string
  status?: number
  delay?: number
  abort?: boolean
  /** It is taken, and never answered. */
  stall?: boolean
  /** It reaches the server, and its answer is lost. */
  lose?: boolean
}

/**
 * A proxy before the server under test that can be told to fail, to be slow, and to cut streams. Workers of the page go through it
 * too, which routes of the browser do not reach.
 */
export class FaultyProxy {
  readonly faults: Fault[] = []
  /** Drops all cookies, both ways. */
  withoutCookies = false
  /** Requests that came, newest last: method and path. */
  readonly seen: string[] = []
  private readonly server: Server
  private readonly open = new Set<{ destroy(): void; write(text: string): void }>()

  constructor(target: URL) {
    this.server = createServer((incoming, outgoing) => {
      const what = `${incoming.method} ${incoming.url}`
      this.seen.push(what)
      const fault = this.faults.find(
        ({ path, method }) => path.test(incoming.url ?? '') && (!method || method === incoming.method),
      )
      if (fault?.abort) return void outgoing.destroy()
      if (fault?.stall) return
      if (fault?.status) return void outgoing.writeHead(fault.status).end()
      const headers = { ...incoming.headers, host: target.host }
      // The server refuses what comes from elsewhere.
      if (headers.origin) headers.origin = target.origin
      if (headers.referer) headers.referer = headers.referer.replace(this.origin, target.origin)
      if (this.withoutCookies) delete headers.cookie
      const forward = request(target, { method: incoming.method, path: incoming.url, headers }, answer => {
        if (fault?.lose) return void outgoing.destroy()
        if (this.withoutCookies) delete answer.headers['set-cookie']
        const pass = () => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
          if (answer.headers['content-type']?.startsWith('text/event-stream')) {
            this.open.add(outgoing)
            outgoing.on('close', () => {
              this.open.delete(outgoing)
              answer.destroy()
            })
          }
        }
        if (fault?.delay) setTimeout(pass, fault.delay)
        else pass()
      })
      forward.on('error', () => outgoing.destroy())
      incoming.pipe(forward)
    })
  }

  async start() {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get origin() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** Open event streams. */
  get streams() {
    return this.open.size
  }

  /** Ends the open event streams, as a restart of a server or a proxy does. */
  cut() {
    for (const stream of this.open) stream.destroy()
  }

  /** Says something on the open event streams that the server did not. */
  say(event: string, data = '{}') {
    for (const stream of this.open) stream.write(`event: ${event}\ndata: ${data}\n\n`)
  }

  count(path: RegExp) {
    return this.seen.filter(what => path.test(what)).length
  }

  async stop() {
    this.cut()
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }
}
