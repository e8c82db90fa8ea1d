import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Refusal } from '../refusal.ts'

/** What a thread can be called for, by name. `close` is the last call. */
export type Methods = { close(): void }
export type Question = { id: number; method: string; args: readonly unknown[] }
export type Answer = { id: number; value?: unknown; fault?: string; isRefusal?: boolean }

/** Calls that may wait for an answer at a time. */
const LIMIT = 1_000
/** Milliseconds that a thread has to end. */
const PATIENCE = 5_000

type Arguments<F> = F extends (...args: infer A) => unknown ? A : never
type Result<F> = F extends (...args: never[]) => infer R ? R : never

/**
 * A worker thread that runs `serve`. It starts with the first call, and anew after it has died: calls that it had not
 * answered then are rejected. The process ends without it unless it has something to do.
 */
export class Thread<M extends Methods> {
  readonly #module: URL
  readonly #data: unknown
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>()
  #worker: Worker | undefined
  #lastId = 0

  /** @param data what the module finds in `workerData` */
  constructor(module: URL, data: unknown) {
    this.#module = module
    this.#data = data
  }

  /** @param given buffers among the arguments that nobody else will use: they are handed over and not copied */
  call<K extends keyof M & string>(
    method: K,
    args: Arguments<M[K]>,
    given: readonly ArrayBufferLike[] = [],
  ): Promise<Result<M[K]>> {
    if (this.#calls.size >= LIMIT) return Promise.reject(new Error(`${LIMIT} calls wait for a thread of the database`))
    const worker = (this.#worker ??= this.#start())
    const call = Promise.withResolvers<unknown>()
    const id = ++this.#lastId
    this.#calls.set(id, call)
    worker.ref()
    worker.postMessage({ id, method, args } satisfies Question, given as ArrayBuffer[])
    return call.promise as Promise<Result<M[K]>>
  }

  #start(): Worker {
    const worker = new Worker(this.#module, { workerData: this.#data })
    let reason = new Error('a thread of the database ended')
    worker.on('message', ({ id, value, fault, isRefusal }: Answer) => {
      const call = this.#calls.get(id)
      this.#calls.delete(id)
      if (this.#calls.size === 0) worker.unref()
      if (fault === undefined) call?.resolve(value)
      else call?.reject(isRefusal ? new Refusal(fault) : new Error(fault))
    })
    worker.on('error', (error) => {
      reason = error as Error
    })
    worker.on('exit', () => {
      this.#worker = undefined
      for (const call of this.#calls.values()) call.reject(reason)
      this.#calls.clear()
    })
    return worker
  }

  /** Lets it end what it has begun, but does not wait for ever. */
  async stop(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    const ended = once(worker, 'exit')
    // Once it has answered, the process would not wait for it any more.
    const closed = this.call('close', [] as never).finally(() => worker.ref())
    await Promise.race([Promise.allSettled([closed, ended]), pause(PATIENCE, undefined, { ref: false })])
    worker.unref()
  }
}
