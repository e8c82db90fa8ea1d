/**
 * Makes tapable safe. A tap's value, promise and throw all reach the caller, stamped with plugin and
 * hook; a tap that never settles is cut off and named; a wrong answer is the plugin's error; and a hook
 * that nobody tapped costs neither promise nor closure.
 *
 * Why not tapable bare (measured, 2.3): `tapPromise` with a synchronous throw after an async tap never
 * settles; an `async` handler under `.tap` is not awaited; a bail tap's `null` counts as an answer; an
 * unknown `before` moves the tap to the front; and its order is that of registration.
 */
import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable'
import { GatewayError, stamped } from './errors.ts'
import type { Exchange } from './exchange.ts'

export const STAGES = ['first', 'early', 'normal', 'late', 'last'] as const
export type Stage = (typeof STAGES)[number]

/**
 * `series`: each in turn, a throw refuses. `bail`: the first answer wins. `waterfall`: each may replace the
 * first argument. `observer`: each in turn. `parallel`: all at once. The last two can change and refuse nothing.
 */
export type HookKind = 'series' | 'bail' | 'waterfall' | 'observer' | 'parallel'

export interface HookDefinition {
  kind: HookKind
  /** Which argument is the exchange, for `when`; undefined for hooks of the gateway itself. */
  exchange?: 0 | 1
  /** Whether a tap's answer (never undefined) is of the right type. */
  accepts?: (value: unknown) => boolean
}

/** A configured plugin that taps; `order` is its position in the config. */
export type TapOwner = { id: string; order: number; when?: ((exchange: Exchange) => boolean) | undefined }
export type TapInfo = { plugin: string; name: string; stage: Stage }
/** `when`: the exchanges that the tap is for; others are spared what their being looked at would cost. */
export type TapOptions = string | { name: string; stage?: Stage; when?: (exchange: Exchange) => boolean }
/** Milliseconds an asynchronous tap may take, and where failures of observers go. */
export type HookEnvironment = { timeout: number; report(error: GatewayError): void }

type Callback = (error: GatewayError | null, value?: unknown) => void
type Tap = TapInfo & {
  conditions: readonly ((exchange: Exchange) => boolean)[]
  handler: (a: unknown, b: unknown) => unknown
  order: number
  failing: boolean
}
/** What a handler may give back: the answer now or later, or nothing. */
type Given<T> = T | undefined | void | Promise<T | undefined | void>

/** What the kernel uses of tapable's classes. Their own generics cannot say "any of them". */
interface Compiled {
  tapAsync(name: string, tap: (a: unknown, b: unknown, done: Callback) => void): void
  callAsync(a: unknown, b: unknown, done: Callback): void
}
const compilers = {
  series: AsyncSeriesHook,
  bail: AsyncSeriesBailHook,
  waterfall: AsyncSeriesWaterfallHook,
  observer: AsyncSeriesHook,
  parallel: AsyncParallelHook,
} as unknown as { [kind in HookKind]: new (args: string[]) => Compiled }

/**
 * A hook point: collects taps while plugins are set up, is sealed, then called. `Args` are what taps are
 * handed, `Answer` what one may return, `Result` what the caller gets.
 */
export class Hook<Args extends readonly unknown[], Answer, Result> {
  readonly name: string
  readonly #definition: HookDefinition
  readonly #environment: HookEnvironment
  readonly #taps: Tap[] = []
  #compiled: Compiled | undefined
  #sealed = false

  constructor(name: string, definition: HookDefinition, environment: HookEnvironment) {
    this.name = name
    this.#definition = definition
    this.#environment = environment
  }

  /** Whether anybody tapped. */
  get used(): boolean {
    return this.#taps.length > 0
  }

  /** Whether anybody tapped who wants to see this exchange. */
  usedBy(exchange: Exchange): boolean {
    return this.#taps.some(({ conditions }) => {
      try {
        return conditions.every((holds) => holds(exchange))
      } catch {
        return true // running the tap tells whose mistake it is
      }
    })
  }

  /** In the order they run. */
  get taps(): readonly TapInfo[] {
    return this.#taps.map(({ plugin, name, stage }) => ({ plugin, name, stage }))
  }

  add(owner: TapOwner, options: TapOptions, handler: (...args: Args) => Given<Answer>): void {
    const { name, stage = 'normal', when } = typeof options === 'string' ? { name: options } : options
    const who = `Plugin "${owner.id}" tapped ${this.name}`
    if (this.#sealed)
      throw new GatewayError('tap_after_boot', `${who} after the gateway had started. Tap hooks inside setup().`)
    if (!STAGES.includes(stage)) {
      throw new GatewayError('config_invalid', `${who} at stage "${String(stage)}". Stages are ${STAGES.join(', ')}.`)
    }
    this.#taps.push({
      plugin: owner.id,
      name,
      stage,
      conditions: [owner.when, when].filter((condition) => condition !== undefined),
      order: owner.order,
      handler: handler as unknown as Tap['handler'],
      failing: false,
    })
  }

  /** Sorts by stage, then by config order, and compiles. No tap may come after this. */
  seal(): void {
    this.#sealed = true
    this.#taps.sort((a, b) => STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || a.order - b.order)
    if (!this.used) return
    this.#compiled = new compilers[this.#definition.kind](['a', 'b'])
    for (const tap of this.#taps) this.#compiled.tapAsync(tap.plugin, (a, b, done) => this.#run(tap, a, b, done))
  }

  /**
   * Runs the taps. Returns the hook's value directly if no tap was asynchronous, else a promise of it:
   * nothing for `series` and observers, the answer or undefined for `bail`, the last value for `waterfall`.
   * Throws (or rejects with) the GatewayError of a tap that refused or failed; observers never throw.
   */
  call(...args: Args): Result | Promise<Result> {
    const a = args[0]
    const b = args[1]
    if (!this.#compiled) return (this.#definition.kind === 'waterfall' ? a : undefined) as Result
    const { exchange } = this.#definition
    const timings = exchange === undefined ? undefined : (args[exchange] as Exchange).timings
    if (timings) return this.#timed(a, b, timings)
    return this.#go(a, b)
  }

  #timed(a: unknown, b: unknown, timings: Map<string, number>): Result | Promise<Result> {
    const startedAt = performance.now()
    const note = (): void => {
      timings.set(this.name, (timings.get(this.name) ?? 0) + performance.now() - startedAt)
    }
    let result: Result | Promise<Result> | undefined
    try {
      result = this.#go(a, b)
      return result instanceof Promise ? result.finally(note) : result
    } finally {
      if (!(result instanceof Promise)) note()
    }
  }

  #go(a: unknown, b: unknown): Result | Promise<Result> {
    let settled: { error: GatewayError | null; value: unknown } | undefined
    let settle: (() => void) | undefined
    this.#compiled!.callAsync(a, b, (error, value) => {
      settled = { error, value }
      settle?.()
    })
    const outcome = (): Result => {
      if (settled!.error) throw settled!.error
      return settled!.value as Result
    }
    if (settled) return outcome()
    return new Promise<void>((resolve) => (settle = resolve)).then(outcome)
  }

  /** Runs one tap and tells tapable, once, how it ended. */
  #run(tap: Tap, a: unknown, b: unknown, done: Callback): void {
    let result: unknown
    try {
      if (!this.#applies(tap, a, b)) return done(null)
      result = tap.handler(a, b)
    } catch (thrown) {
      return this.#failed(tap, thrown, done)
    }
    if (!isPromise(result)) return this.#answered(tap, result, done)

    const { timeout } = this.#environment
    let open = true
    const timer = setTimeout(
      () => close(() => this.#failed(tap, new Error(`did not settle within ${timeout} ms`), done)),
      timeout,
    )
    const close = (then: () => void): void => {
      clearTimeout(timer)
      if (open) then()
      open = false
    }
    // Through a promise of our own: what merely looks like one may throw.
    Promise.resolve(result).then(
      (value) => close(() => this.#answered(tap, value, done)),
      (thrown: unknown) => close(() => this.#failed(tap, thrown, done)),
    )
  }

  #applies({ conditions }: Tap, a: unknown, b: unknown): boolean {
    const at = this.#definition.exchange
    if (at === undefined || conditions.length === 0) return true
    return conditions.every((holds) => holds((at === 0 ? a : b) as Exchange))
  }

  #answered(tap: Tap, value: unknown, done: Callback): void {
    const { kind, accepts } = this.#definition
    tap.failing = false
    if (value === undefined || (kind !== 'bail' && kind !== 'waterfall')) done(null)
    else if (accepts?.(value) === false) {
      this.#failed(
        tap,
        new Error(`returned ${value === null ? 'null' : typeof value}, which ${this.name} cannot use`),
        done,
      )
    } else done(null, value)
  }

  /** A GatewayError keeps its words; all else is a crash. Observers' failures are reported and stop nothing. */
  #failed(tap: Tap, thrown: unknown, done: Callback): void {
    const error = stamped(thrown, tap.plugin, this.name)
    const { kind } = this.#definition
    if (kind !== 'observer' && kind !== 'parallel') return done(error)
    if (!tap.failing) this.#environment.report(error)
    // What fails at every part of a stream is reported once, until it works again.
    tap.failing = kind === 'observer'
    done(null)
  }
}

export function isPromise<T = unknown>(value: unknown): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<T>).then === 'function'
}
