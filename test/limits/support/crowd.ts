/** Many clients at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { ENDS } from './billing-upstream.ts'
import type { End } from './billing-upstream.ts'

/** Milliseconds in which what other processes have not needed is back: settlements go out in batches. */
const SETTLING = 250
/** Of input that is estimated higher than what the upstream says: 60 tokens. */
const QUESTION = 'How much is it? '.repeat(20)

export interface Crowd {
  /**
   * `count` requests of all kinds, 200 at once, and then one after the other until one is refused, and again.
   * @returns how many these were
   */
  rushAndDrain(model: string, count: number): Promise<number>
  close(): Promise<void>
}

/** @param urls replicas, which are asked in turn */
export function crowd(urls: readonly string[], key: string): Crowd {
  const dispatcher = new Agent({ connections: 200, pipelining: 1 })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  let asked = 0

  /** @returns the status; 499 if the client left */
  const ask = async (model: string, end: End): Promise<number> => {
    const url = urls[asked++ % urls.length]!
    const messages = [{ role: 'user', content: QUESTION }]
    const stream = end === 'stream' || end === 'cut' || end === 'left'
    const body = JSON.stringify({ model, user: end, max_tokens: 40, stream, messages })
    const leaving = new AbortController()
    const reply = await request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body,
      dispatcher,
      signal: leaving.signal,
    })
    try {
      for await (const _ of reply.body) if (end === 'left' && reply.statusCode === 200) leaving.abort()
    } catch {
      return end === 'left' ? 499 : reply.statusCode // cut
    }
    return reply.statusCode
  }
  const rush = async (model: string, count: number): Promise<void> => {
    let left = count
    const client = async (): Promise<void> => {
      while (left > 0) await ask(model, ENDS[left-- % ENDS.length]!)
    }
    await Promise.all(Array.from({ length: 200 }, client))
  }
  return {
    async rushAndDrain(model, count) {
      await rush(model, count)
      for (let asked = 1, refused = 0; ; asked++) {
        const status = await ask(model, 'whole')
        if (status === 200) refused = 0
        else if (status !== 429 && status !== 402) throw new Error(`the gateway answered with ${status}`)
        else if (++refused === 2) return asked
        else await sleep(SETTLING)
      }
    },
    close: () => dispatcher.close(),
  }
}
