/** Proof, before anything is measured, that a contender does the work that the measurement is about. */
import type { ChatResponse, JsonObject, StreamPart } from '@sluice/core'
import { CODECS } from '../support/codecs.ts'
import { CONTENDERS } from './contenders/index.ts'
import { DELTAS, piecesOf, QUESTION } from './content.ts'
import type { Running } from './measure.ts'
import type { Peer } from './process.ts'
import { requestOf, streams, upstreamReply } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import type { Seen } from './upstream.ts'
import { MODELS, pathTo } from './wires.ts'

/** What is wrong with a contender's handling of a scenario's request and reply; undefined if nothing is. */
export async function fault(running: Running, scenario: Scenario, upstream: Peer): Promise<string | undefined> {
  const { path, headers, body } = requestOf(scenario)
  const response = await fetch(running.url + path, {
    method: 'POST',
    headers: { ...headers, ...running.headers(scenario.target) },
    body,
  })
  const reply = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) return `answered ${response.status}: ${excerpt(reply)}`
  const exact = scenario.client === scenario.target && CONTENDERS[running.name]?.verbatim === true
  return (
    requestFault(await upstream.ask<Seen>('seen'), scenario, body) ??
    (exact ? changeOf(reply, scenario) : replyFault(reply, scenario))
  )
}

function requestFault(seen: Seen, scenario: Scenario, sent: string): string | undefined {
  const { client, target } = scenario
  if (seen.path !== pathTo(target, MODELS[target], streams(scenario))) return `called ${seen.path} of the upstream`
  if (client === target && seen.body === sent) return undefined
  const { model = MODELS[target] } = JSON.parse(seen.body) as { model?: string }
  if (model !== MODELS[target]) return `asked the upstream for model ${model}`
  return seen.body.includes(QUESTION) ? undefined : 'lost the question'
}

function changeOf(reply: Buffer, scenario: Scenario): string | undefined {
  return reply.equals(upstreamReply(scenario)) ? undefined : `changed the reply: ${excerpt(reply)}`
}

function replyFault(reply: Buffer, scenario: Scenario): string | undefined {
  const words = wordsOf(reply, scenario)
  if (words.join('') !== piecesOf(scenario.reply).join('')) return `lost words of the reply: ${excerpt(reply)}`
  if (streams(scenario) && words.length !== DELTAS) return `streamed ${words.length} deltas instead of ${DELTAS}`
  return undefined
}

/** The texts of a reply, in the pieces in which they came. */
function wordsOf(reply: Buffer, scenario: Scenario): string[] {
  const codec = CODECS[scenario.client]
  if (!streams(scenario)) return textsOf(codec.decodeResponse(JSON.parse(reply.toString()) as JsonObject))
  const reader = codec.stream.reader()
  const parts: StreamPart[] = []
  reader.push(reply, parts)
  reader.end(parts)
  return parts.flatMap((part) => (part.type === 'text-delta' && part.text !== '' ? part.text : []))
}

function textsOf({ choices }: ChatResponse): string[] {
  return choices.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? part.text : [])))
}

function excerpt(reply: Buffer): string {
  return reply.toString().slice(0, 300)
}
