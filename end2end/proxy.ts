import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A fault, and the requests to which it applies. */
export type Fault = {
  path: RegExp
  method?: string
  status?: number
  delay?: number
  abort?: boolean
  /** The request is accepted but never answered. */
  stall?: boolean
  /** The request reaches the server, but its response is lost. */
  lose?: boolean
}

/**
 * A proxy in front of the server under test that injects errors and delays and cuts streams. Unlike `page.route`, it also handles
 * the requests of workers.
 */
export class FaultyProxy {
  readonly faults: Fault[] = []
  /** Drops all cookies, both ways. */
  withoutCookies = false
  /** Method and path of all received requests, oldest first. */
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
      // The server rejects requests from other origins.
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

  /** Number of open event streams. */
  get streams() {
    return this.open.size
  }

  /** Ends the open event streams, as a restart of the server or of a proxy would. */
  cut() {
    for (const stream of this.open) stream.destroy()
  }

  /** Injects an event into the open event streams. */
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
