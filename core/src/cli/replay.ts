/** `sluice replay`: recorded requests, asked again of another target or of the gateway of another config. */
import { GatewayError, asGatewayError } from '../errors.ts'
import type { Answer } from '../exchange.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import type { ChatRequest, JsonObject } from '../model.ts'
import { milliseconds } from '../units.ts'
import { AdminClient } from './admin-client.ts'
import { ConfigSource } from './config-source.ts'
import type { GatewayFlags } from './gateway-flags.ts'
import { describeReplayed, sumsOf } from './replayed.ts'
import type { Replayed } from './replayed.ts'
import { say } from './report.ts'
import { UsageError } from './usage-error.ts'

export type ReplayFlags = GatewayFlags & {
  target?: string
  config?: string
  model?: string
  limit: number
  since?: string
}
type Recorded = { id: string; model: string }

const RECORDINGS = '/admin/v1/shadow/recordings'
/** Recordings of a page, and those that are asked again at once. */
const [PAGE, AT_ONCE] = [200, 4]
/** Milliseconds for an answer. */
const PATIENCE = 60_000

/** Prints how the answers compare. @throws GatewayError as the gateway refuses, UsageError */
export async function replay(flags: ReplayFlags): Promise<void> {
  const { target, config, output, url, key } = flags
  if (target === undefined && config === undefined)
    throw new UsageError('Say who is to answer: --target <provider/model>, --config <file>, or both.')
  const client = new AdminClient(url, key)
  const recordings = await listed(client, flags)
  const lines =
    config === undefined
      ? await each(recordings, ({ id }) => post(client, `${RECORDINGS}/${id}/replay`, { target }))
      : await withLocal(config, (gateway) => each(recordings, (one) => answeredLocally(client, gateway, one, target)))
  say(output === 'json' ? JSON.stringify({ data: lines, ...sumsOf(lines) }, null, 2) : describeReplayed(lines))
}

/** The newest ones. */
async function listed(client: AdminClient, { limit, since, model }: ReplayFlags): Promise<Recorded[]> {
  const found: Recorded[] = []
  const query: [string, string][] = [['limit', String(Math.min(limit, PAGE))]]
  if (since !== undefined) query.push(['from', momentOf(since)])
  if (model !== undefined) query.push(['model', model])
  for (let cursor: unknown = ''; typeof cursor === 'string' && found.length < limit;) {
    const more: [string, string][] = cursor === '' ? [] : [['cursor', cursor]]
    const { body } = await client.call(
      { method: 'get', path: RECORDINGS },
      { params: [], query: [...query, ...more], headers: {} },
    )
    const page = body as { data: Recorded[]; next: unknown }
    found.push(...page.data)
    cursor = page.next
  }
  return found.slice(0, limit)
}

/** `2h` is two hours ago; anything else is for the gateway to read. */
function momentOf(since: string): string {
  return /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(since) ? String(Date.now() - milliseconds(since)) : since
}

/** A few at once, in their order. Recordings that have been forgotten meanwhile are left out. */
async function each(recordings: readonly Recorded[], work: (one: Recorded) => Promise<Replayed>): Promise<Replayed[]> {
  const lines: (Replayed | undefined)[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < recordings.length; at = next++) {
      try {
        lines[at] = await work(recordings[at]!)
      } catch (error) {
        if (!GatewayError.is(error) || error.code !== 'not_found') throw error
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return lines.filter((line) => line !== undefined)
}

/** A gateway of another config, in this process, to which nobody else comes. */
async function withLocal<T>(config: string, use: (gateway: Gateway) => Promise<T>): Promise<T> {
  const gateway = await createGateway(await new ConfigSource(config).load(), { destination: process.stderr })
  try {
    return await use(gateway)
  } finally {
    await gateway.close()
  }
}

async function answeredLocally(
  client: AdminClient,
  gateway: Gateway,
  { id, model }: Recorded,
  target = model,
): Promise<Replayed> {
  const at = `${RECORDINGS}/${id}`
  const { body } = await client.call({ method: 'get', path: at }, { params: [], query: [], headers: {} })
  const { request } = body as { request: ChatRequest }
  const startedAt = performance.now()
  let response: Answer
  try {
    const signal = AbortSignal.timeout(PATIENCE)
    response = await gateway.dispatch({ ...request, model: target, stream: false }, { signal })
  } catch (error) {
    return { recording: id, model, target, outcome: 'failed', error: asGatewayError(error).code }
  }
  return post(client, `${at}/comparison`, { target, durationMs: performance.now() - startedAt, response })
}

async function post(client: AdminClient, path: string, body: JsonObject): Promise<Replayed> {
  const reply = await client.call({ method: 'post', path }, { params: [], query: [], headers: {}, body })
  return reply.body as Replayed
}
