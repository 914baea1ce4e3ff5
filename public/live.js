// The event stream of all tabs of a browser, which opens six connections to a host at most: a shared worker holds one stream for
// each agent and mode, and the tabs listen to it. Where there are no shared workers it runs in a worker of each tab.
//
// A tab posts `{ open: url, key, after }`, and again now and then, with the id it heard last, so that it is known to be there;
// `{ retry: true }` and `{ close: true }`. It is posted `{ name, data, id }` for each event, and `open` and `lost`.
import { Stream } from './embed/stream.js'

/** Tabs send a heartbeat every 30 s; browsers let hidden tabs do it only once a minute. */
const TAB_TIMEOUT = 180_000

/** @type {Map<string, Stream>} */
const streams = new Map()

/** Returns the stream with a key. A new one sends the events after a position. */
function streamOf(key, url, after) {
  const connect = last => new EventSource(`${url}&after=${encodeURIComponent(last)}`)
  if (!streams.has(key)) streams.set(key, new Stream(connect, after, () => streams.delete(key)))
  return streams.get(key)
}

function serve(port) {
  port.onmessage = ({ data }) => {
    if (data.open) {
      streamOf(data.key, data.open, data.after).join(port, data.after)
      port.stream = data.key
    }
    const stream = streams.get(port.stream)
    if (data.retry && stream && !stream.up) stream.open()
    if (data.close) stream?.leave(port)
  }
}

setInterval(() => {
  for (const stream of streams.values())
    for (const [port, seen] of stream.listeners) if (Date.now() - seen > TAB_TIMEOUT) stream.leave(port)
}, 60_000)

if ('onconnect' in self) self.onconnect = ({ ports }) => serve(ports[0])
else serve(self)
