/** The primary process: starts workers, holds what they share, replaces those that die, and ends them. */
import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import type { Logger } from '../logger.ts'
import { ServiceHost } from './host.ts'
import { failureOf, isMessage } from './messages.ts'
import type { Call, FromPrimary, FromWorker, Result } from './messages.ts'
import type { Service } from './service.ts'

/** Milliseconds: the first wait before a crashed worker is replaced, the longest, and when a worker counts as sound. */
const BACKOFF = { first: 100, longest: 10_000, sound: 30_000 }

type Member = {
  worker: Worker
  /** Peers under which it uses services, with the service's name. */
  peers: Map<string, string>
  services: Map<string, Service>
  startedAt: number
  ready: PromiseWithResolvers<string>
  reloaded: PromiseWithResolvers<boolean>
}

export class Workers {
  readonly #count: number
  readonly #log: Logger
  readonly #host = new ServiceHost()
  readonly #members = new Set<Member>()
  #started = false
  #failures = 0
  #stopping = false
  #settled = Promise.withResolvers<void>()

  constructor(count: number, log: Logger) {
    this.#count = count
    this.#log = log
    // Buffers and Infinity pass as they are.
    cluster.setupPrimary({ serialization: 'advanced' })
  }

  /** Starts all. @returns what the first has to say when it is ready @throws if the first one ends before that */
  async start(): Promise<string> {
    const greeting = await this.#add().ready.promise
    this.#started = true
    await Promise.all(Array.from({ length: this.#count - 1 }, () => this.#add().ready.promise))
    return greeting
  }

  /** One after the other reads its config again. If the first refuses it, the others keep theirs too. */
  async reload(): Promise<void> {
    for (const member of Array.from(this.#members)) {
      member.reloaded = Promise.withResolvers()
      send(member.worker, { sluice: 'reload' })
      if (await member.reloaded.promise) return
    }
  }

  /** Tells all to end with their last exchange. Settles when they have. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const { worker } of this.#members) send(worker, { sluice: 'stop' })
    if (this.#members.size > 0) await this.#settled.promise
  }

  #add(): Member {
    const worker = cluster.fork()
    const ready = Promise.withResolvers<string>()
    const member: Member = {
      worker,
      peers: new Map(),
      services: new Map(),
      startedAt: performance.now(),
      ready,
      reloaded: Promise.withResolvers(),
    }
    this.#members.add(member)
    worker.on('message', (message: unknown) => {
      if (isMessage(message)) void this.#heard(member, message as FromWorker)
    })
    worker.on('exit', (code, signal) => void this.#gone(member, code, signal))
    return member
  }

  async #heard(member: Member, message: FromWorker): Promise<void> {
    if (message.sluice === 'ready') member.ready.resolve(message.greeting)
    else if (message.sluice === 'reloaded') member.reloaded.resolve(message.refused)
    else if (message.sluice === 'calls') this.#answer(member, message.calls)
    else {
      const { id } = message
      const work = message.sluice === 'use' ? this.#use(member, message) : this.#leave(member, message)
      const result = await work.then(
        (value): Result => ({ id, value }),
        (error): Result => ({ id, failure: failureOf(error) }),
      )
      send(member.worker, { sluice: 'results', results: [result] })
    }
  }

  async #use(member: Member, { request, peer }: FromWorker & { sluice: 'use' }): Promise<string[]> {
    const { name } = request
    member.peers.set(peer, name)
    const publish = (event: unknown): void => send(member.worker, { sluice: 'event', service: name, event })
    const service = await this.#host.use(request, peer, publish)
    member.services.set(name, service)
    return methodsOf(service)
  }

  async #leave(member: Member, { service, peer }: FromWorker & { sluice: 'leave' }): Promise<void> {
    member.peers.delete(peer)
    await this.#host.leave(service, peer)
  }

  /** What answers at once goes back in one message; the rest when it comes. */
  #answer({ worker, services }: Member, calls: Call[]): void {
    const results: Result[] = []
    for (const { id, service, method, args } of calls) {
      try {
        const target = services.get(service) as unknown as { [method: string]: (...args: unknown[]) => unknown }
        const value = target[method]!(...args)
        if (!(value instanceof Promise)) {
          results.push({ id, value })
          continue
        }
        value.then(
          (later: unknown) => send(worker, { sluice: 'results', results: [{ id, value: later }] }),
          (error: unknown) => send(worker, { sluice: 'results', results: [{ id, failure: failureOf(error) }] }),
        )
      } catch (error) {
        results.push({ id, failure: failureOf(error) })
      }
    }
    if (results.length > 0) send(worker, { sluice: 'results', results })
  }

  async #gone(member: Member, code: number, signal: string | null): Promise<void> {
    this.#members.delete(member)
    for (const [peer, name] of member.peers) await this.#host.leave(name, peer)
    member.reloaded.resolve(true)
    if (this.#stopping) {
      if (this.#members.size === 0) this.#settled.resolve()
      return
    }
    const lived = performance.now() - member.startedAt
    if (!this.#started) return member.ready.reject(new Error(`the first worker ended (${signal ?? code})`))
    this.#failures = lived > BACKOFF.sound ? 1 : this.#failures + 1
    const wait = Math.min(BACKOFF.longest, BACKOFF.first * 2 ** (this.#failures - 1))
    this.#log.error({ pid: member.worker.process.pid, code, signal, wait }, 'a worker ended; another takes its place')
    setTimeout(() => {
      if (!this.#stopping) this.#add().ready.promise.then(member.ready.resolve, member.ready.reject)
    }, wait)
  }
}

function send(worker: Worker, message: FromPrimary): void {
  if (worker.isConnected()) worker.send(message, () => undefined) // it may be gone by now
}

/** Of the object itself and of its class. */
function methodsOf(service: Service): string[] {
  const names = new Set<string>()
  for (let at: object | null = service; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  const known = service as unknown as { [name: string]: unknown }
  return [...names].filter((name) => name !== 'constructor' && typeof known[name] === 'function')
}
