/** What is measured: which traffic, through which pair of dialects, under which load. */
import { PAIRS } from '../support/dialect-names.ts'
import type { ReplyKind, RequestSize } from './content.ts'
import { clientHeaders } from './headers.ts'
import type { CORES } from './process.ts'
import { replyBody, replyFrames, requestBody } from './traffic.ts'
import { endingOf, MODELS, pathTo, WIRES } from './wires.ts'
import type { Wire } from './wires.ts'

export interface Scenario {
  name: string
  title: string
  /** Spoken by the client. */
  client: Wire
  /** Spoken by the upstream; the same as the client's unless the gateway must translate. */
  target: Wire
  size: RequestSize
  reply: ReplyKind
  connections: number
  /** Length of one slice: in seconds, or in replies per connection where a reply takes its own time. */
  slice: { seconds: number } | { each: number }
  /**
   * Where the contender runs: on its own core, or on that of the upstream and the clients, so that no
   * idle core has to be woken and a latency is nothing but the work in it.
   */
  core: keyof typeof CORES
  /** Contender that the others are compared with. */
  baseline: string
  /** Scenario in which the baseline is taken; this one if absent. */
  against?: string
}

type Load = Pick<Scenario, 'reply' | 'connections' | 'slice' | 'core'>

const verbatim = { client: 'openai-chat', target: 'openai-chat', size: 'small' } as const
const busy: Load = { reply: 'json', connections: 32, slice: { seconds: 0.4 }, core: 'contender' }
const lone: Load = { reply: 'json', connections: 1, slice: { seconds: 0.3 }, core: 'harness' }
const burst: Load = { reply: 'burst', connections: 32, slice: { seconds: 0.4 }, core: 'contender' }
const paced: Load = { reply: 'paced', connections: 100, slice: { each: 2 }, core: 'contender' }

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'json-small',
    title: 'JSON, small: 0.3 KB request, 1 KB reply, 32 connections',
    ...verbatim,
    ...busy,
    baseline: 'koa',
  },
  {
    name: 'json-lone',
    title: 'JSON, small, one connection, all on one core: latency without load',
    ...verbatim,
    ...lone,
    baseline: 'koa',
  },
  {
    name: 'json-large',
    title: 'JSON, large: chat of 60 turns in 100 KB, 1 KB reply',
    ...verbatim,
    ...busy,
    size: 'large',
    baseline: 'koa',
  },
  {
    name: 'json-large-reply',
    title: 'JSON, large reply: 0.3 KB request, 100 KB reply',
    ...verbatim,
    ...busy,
    reply: 'json-large',
    baseline: 'koa',
  },
  {
    name: 'sse-burst',
    title: 'SSE, unpaced: 64 deltas as fast as they go, 32 connections',
    ...verbatim,
    ...burst,
    baseline: 'node',
  },
  {
    name: 'sse-paced',
    title: 'SSE, paced: 64 deltas 5 ms apart, 100 streams at once',
    ...verbatim,
    ...paced,
    baseline: 'node',
  },
  ...pair('openai-chat', 'anthropic', { json: 'json-small', burst: 'sse-burst', paced: 'sse-paced' }),
  ...pair('anthropic', 'openai-chat', { json: 'json-small', burst: 'sse-burst', paced: 'sse-paced' }),
]

/** Every client with every upstream; compared with the client's own wire format, which passes verbatim. */
export const PAIR_SCENARIOS: readonly Scenario[] = PAIRS.flatMap(({ client, upstream }) => {
  const against = (kind: PairKind) => pairName(client, client, kind)
  return pair(client, upstream, { json: against('json'), burst: against('burst'), paced: against('paced') })
})

/** Streams to be looked at while they are under way: of each client, the first one verbatim, too. */
export const HELD_SCENARIOS: readonly Scenario[] = [
  held('openai-chat', 'openai-chat'),
  ...WIRES.map((client) => held(client, client === 'openai-chat' ? 'anthropic' : 'openai-chat')),
]

function held(client: Wire, target: Wire): Scenario {
  const load: Load = { reply: 'held', connections: 1000, slice: { each: 1 }, core: 'contender' }
  const title = client === target ? `${client}, verbatim` : `${client} client → ${target} upstream`
  return { name: `${client}-to-${target}-held`, title, client, target, size: 'small', baseline: 'node', ...load }
}

/** The kinds of traffic that pairs of wire formats are measured with. */
export const PAIR_KINDS = ['json', 'burst', 'paced'] as const
export type PairKind = (typeof PAIR_KINDS)[number]

export function pairName(client: Wire, target: Wire, kind: PairKind): string {
  return `${client}-to-${target}-${kind}`
}

/** @param against the verbatim scenario of each kind */
function pair(client: Wire, target: Wire, against: { readonly [kind in PairKind]: string }): Scenario[] {
  const common = { client, target, size: 'small', baseline: 'sluice' } as const
  const scenario = (kind: PairKind, title: string, load: Load): Scenario => ({
    name: pairName(client, target, kind),
    title: `${title}: ${client} client → ${target} upstream`,
    ...common,
    ...load,
    against: against[kind],
  })
  return [
    scenario('json', 'JSON', busy),
    scenario('burst', 'Stream, unpaced', burst),
    scenario('paced', 'Stream, paced', paced),
  ]
}

export function streams({ reply }: Scenario): boolean {
  return reply !== 'json' && reply !== 'json-large'
}

/** The request of a scenario: path, headers and body. */
export function requestOf(scenario: Scenario): { path: string; headers: { [name: string]: string }; body: string } {
  const { client, target, size } = scenario
  const isStream = streams(scenario)
  return {
    path: pathTo(client, MODELS[target], isStream),
    headers: clientHeaders(client),
    body: requestBody(client, MODELS[target], size, isStream),
  }
}

/** The body that the upstream answers with. */
export function upstreamReply(scenario: Scenario): Buffer {
  const { target, reply } = scenario
  if (!streams(scenario)) return Buffer.from(replyBody(target, reply))
  return Buffer.concat(replyFrames(target, reply).map((frame) => Buffer.from(frame)))
}

/** What the last bytes of a whole streamed reply contain; '' if the reply is no stream. */
export function ending(scenario: Scenario): string {
  return streams(scenario) ? endingOf(scenario.client) : ''
}
