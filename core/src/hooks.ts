/**
 * The hook points, in the order of an exchange's life. This table is the gateway's whole extension
 * surface: a plugin taps some of these in its setup and does nothing else.
 *
 * Grammar: on… something happened; before…, transform… change what comes next; verbs decide.
 * Returning undefined is "no opinion", returning a value is an answer, throwing a GatewayError is a
 * refusal. Any other throw is a crash: deciders fail closed (500 plugin_error), observers fail open.
 */
import type { GatewayError } from './errors.ts'
import type { Answer, Exchange, Principal, Reply } from './exchange.ts'
import type { Gateway } from './gateway.ts'
import type { StreamPart, Usage } from './model.ts'
import type { CanonicalRequest, CanonicalResponse } from './operations.ts'
import type { Attempt, Target } from './provider.ts'
import { Hook } from './tap.ts'
import type { HookDefinition, HookEnvironment, TapOptions, TapOwner } from './tap.ts'

type Parts = StreamPart[] | Promise<StreamPart[]>
/** Changes a streamed answer: `push` gives the parts to pass on in place of one, `flush` what is still held back. */
export type StreamStage = { push(part: StreamPart): Parts; flush?(): Parts }
export type Verdict = 'retry' | 'next' | 'fail'

type Series<Args extends readonly unknown[]> = Hook<Args, void, void>
type Bail<Args extends readonly unknown[], Answer> = Hook<Args, Answer, Answer | undefined>
type Waterfall<Args extends readonly unknown[]> = Hook<Args, Args[0], Args[0]>
type Observer<Args extends readonly unknown[]> = Hook<Args, void, void>

export interface Hooks {
  /** 1. Headers are known, the body is unread: CORS, IP lists, maintenance. An answer ends the exchange. */
  readonly onRequest: Bail<[exchange: Exchange], Reply>
  /** 2. The first plugin that knows the credential names the caller. Taps but no answer: 401. No taps: anonymous. */
  readonly authenticate: Bail<[exchange: Exchange], Principal>
  /** 3. Body, operation and model are known. May this principal use them? Request-rate limits. */
  readonly authorize: Series<[exchange: Exchange]>
  /** 4. Templates, redaction, input guards. Return a new object to change the request; never mutate. */
  readonly transformRequest: Waterfall<[request: CanonicalRequest, exchange: Exchange]>
  /** 5. Caches. An answer stands in for the upstream's: 6 to 10 are skipped, 11 to 16 are not. */
  readonly lookup: Bail<[exchange: Exchange], Answer>
  /** 6. About to spend: reserve tokens, money, concurrency. Settle in onComplete. */
  readonly admit: Series<[exchange: Exchange]>
  /** 7. Filter, weigh and order the candidates. An empty list is `no_target_available`. */
  readonly beforeRoute: Waterfall<[targets: readonly Target[], exchange: Exchange]>
  /** 8. Once per upstream call: credential choice, headers, time limits. */
  readonly beforeAttempt: Series<[attempt: Attempt, exchange: Exchange]>
  /** 9. A call failed and nothing has reached the client: same target again, next target, or give up. */
  readonly onAttemptError: Bail<[attempt: Attempt, exchange: Exchange], Verdict>
  /** 10. A call ended, well or not (a stream's when the stream did): breakers, latency tables. */
  readonly afterAttempt: Observer<[attempt: Attempt, exchange: Exchange]>
  /** 11. Output guards and transforms of whole answers. Return a new object to change the answer. */
  readonly transformResponse: Waterfall<[response: CanonicalResponse, exchange: Exchange]>
  /** 11. The same for streams: return a list with your stage added. */
  readonly transformStream: Waterfall<[stages: readonly StreamStage[], exchange: Exchange]>
  /** 12. Once for every reply, also cached and refused ones: status and headers may still be changed. */
  readonly onResponse: Series<[reply: Reply, exchange: Exchange]>
  /** 13. Sees every part that goes to the client. Cannot change it: bytes still pass as they came. */
  readonly onStreamPart: Observer<[part: StreamPart, exchange: Exchange]>
  /** 14. The exchange failed before anything was sent. An answer replaces the error reply. */
  readonly onError: Bail<[error: GatewayError, exchange: Exchange], Reply>
  /** 15. Once, at the end, if a model answered: fill gaps, price it. Undefined if nothing is known. */
  readonly onUsage: Waterfall<[usage: Usage | undefined, exchange: Exchange]>
  /** 16. Exactly once on every end: done, refused, client gone, upstream cut, timed out, plugin crashed. */
  readonly onComplete: Observer<[exchange: Exchange]>
  /** Everything is set up; the gateway is about to listen. */
  readonly ready: Series<[gateway: Gateway]>
  /** The gateway (or this generation of its config) is draining. */
  readonly close: Series<[gateway: Gateway]>
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const has = (field: string, type?: string) => (value: unknown) =>
  isObject(value) && field in value && (!type || typeof (value as { [field: string]: unknown })[field] === type)

export const HOOKS: { readonly [Name in HookName]: HookDefinition } = {
  onRequest: { kind: 'bail', exchange: 0, accepts: has('status', 'number') },
  authenticate: { kind: 'bail', exchange: 0, accepts: has('id', 'string') },
  authorize: { kind: 'series', exchange: 0 },
  transformRequest: { kind: 'waterfall', exchange: 1, accepts: has('operation') },
  lookup: { kind: 'bail', exchange: 0, accepts: isObject },
  admit: { kind: 'series', exchange: 0 },
  beforeRoute: { kind: 'waterfall', exchange: 1, accepts: Array.isArray },
  beforeAttempt: { kind: 'series', exchange: 1 },
  onAttemptError: {
    kind: 'bail',
    exchange: 1,
    accepts: (value) => ['retry', 'next', 'fail'].includes(value as Verdict),
  },
  afterAttempt: { kind: 'observer', exchange: 1 },
  transformResponse: { kind: 'waterfall', exchange: 1, accepts: has('operation') },
  transformStream: { kind: 'waterfall', exchange: 1, accepts: Array.isArray },
  onResponse: { kind: 'series', exchange: 1 },
  onStreamPart: { kind: 'observer', exchange: 1 },
  onError: { kind: 'bail', exchange: 1, accepts: has('status', 'number') },
  onUsage: { kind: 'waterfall', exchange: 1, accepts: has('input') },
  onComplete: { kind: 'parallel', exchange: 0 },
  ready: { kind: 'series' },
  close: { kind: 'series' },
}

export type HookName = keyof Hooks

export function createHooks(environment: HookEnvironment): Hooks {
  const entries = Object.entries(HOOKS).map(([name, definition]) => [name, new Hook(name, definition, environment)])
  return Object.freeze(Object.fromEntries(entries)) as Hooks
}

/** The handler type of a hook. */
type HandlerOf<H> = H extends { add(owner: TapOwner, options: TapOptions, handler: infer F): void } ? F : never

/** A plugin's view of the hooks. `tap` throws `tap_after_boot` outside setup; stage `normal` if none is named. */
export type PluginHooks = {
  readonly [Name in HookName]: { tap(options: TapOptions, handler: HandlerOf<Hooks[Name]>): void }
}

/** All hooks by name, for whoever treats them alike. */
export function eachHook(hooks: Hooks): [name: string, hook: Hook<never, unknown, unknown>][] {
  return Object.entries(hooks as unknown as { [name: string]: Hook<never, unknown, unknown> })
}

export function hooksFor(owner: TapOwner, hooks: Hooks): PluginHooks {
  const entries = eachHook(hooks).map(([name, hook]) => [
    name,
    { tap: (options: TapOptions, handler: never) => hook.add(owner, options, handler) },
  ])
  return Object.freeze(Object.fromEntries(entries)) as PluginHooks
}
