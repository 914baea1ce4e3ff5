// Measures time and limits it, in a computer that may sleep and whose clock may be set.

/** Measures the time since it was made. Neither a sleep nor a clock that is set back makes it less. */
export class Stopwatch {
  #date = Date.now()
  #run = performance.now()

  get seconds() {
    return Math.max(Date.now() - this.#date, performance.now() - this.#run) / 1000
  }
}

/**
 * Settles like `promise`. Fails after some milliseconds, and when the signal is aborted.
 *
 * @template T
 * @param {number} limit
 * @param {AbortSignal} signal
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function within(limit, signal, promise) {
  let end
  const outcome = new Promise((done, failed) => {
    signal.throwIfAborted()
    const abort = () => failed(signal.reason)
    const timer = setTimeout(failed, limit, new Error('timeout'))
    signal.addEventListener('abort', abort)
    end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    promise.then(done, failed)
  })
  return outcome.finally(end)
}

/** Waits some milliseconds. Fails when the signal is aborted. */
export const pause = (milliseconds, signal) => within(milliseconds, signal, new Promise(() => {})).catch(() => signal.throwIfAborted())
