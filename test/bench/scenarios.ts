/** What is measured: which traffic, through which pair of dialects, under which load. */
import type { CORES } from './process.ts'
import { CLIENT_HEADERS, MODELS, PATHS, replyBody, replyFrames, requestBody } from './traffic.ts'
import type { ReplyKind, RequestSize, Wire } from './traffic.ts'

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

const verbatim = { client: 'openai', target: 'openai', size: 'small' } as const
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
  ...translated('openai', 'anthropic'),
  ...translated('anthropic', 'openai'),
]

function translated(client: Wire, target: Wire): Scenario[] {
  const pair = { client, target, size: 'small', baseline: 'sluice' } as const
  const arrow = `${client} client → ${target} upstream`
  return [
    {
      name: `${client}-to-${target}-json`,
      title: `Translated, JSON: ${arrow}`,
      ...pair,
      ...busy,
      against: 'json-small',
    },
    {
      name: `${client}-to-${target}-burst`,
      title: `Translated, SSE unpaced: ${arrow}`,
      ...pair,
      ...burst,
      against: 'sse-burst',
    },
    {
      name: `${client}-to-${target}-paced`,
      title: `Translated, SSE paced: ${arrow}`,
      ...pair,
      ...paced,
      against: 'sse-paced',
    },
  ]
}

export function streams({ reply }: Scenario): boolean {
  return reply === 'burst' || reply === 'paced'
}

/** The request of a scenario: path, headers and body. */
export function requestOf(scenario: Scenario): { path: string; headers: { [name: string]: string }; body: string } {
  const { client, target, size } = scenario
  const versions = client === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
  return {
    path: PATHS[client],
    headers: { ...CLIENT_HEADERS, ...versions },
    body: requestBody(client, MODELS[target], size, streams(scenario)),
  }
}

/** The body that the upstream answers with. */
export function upstreamReply(scenario: Scenario): string {
  const { target, reply } = scenario
  return streams(scenario) ? replyFrames(target, reply).join('') : replyBody(target, reply)
}

/** What the last bytes of a whole streamed reply contain; '' if the reply is no stream. */
export function ending(scenario: Scenario): string {
  if (!streams(scenario)) return ''
  return scenario.client === 'openai' ? '[DONE]' : '"message_stop"'
}
