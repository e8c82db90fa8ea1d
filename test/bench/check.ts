/** Proof, before anything is measured, that a contender does the work that the measurement is about. */
import { CONTENDERS } from './contenders/index.ts'
import type { Running } from './measure.ts'
import type { Peer } from './process.ts'
import { requestOf, streams, upstreamReply } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import { DELTAS, MODELS, replyPieces } from './traffic.ts'
import type { Seen } from './upstream.ts'

/** What is wrong with a contender's handling of a scenario's request and reply; undefined if nothing is. */
export async function fault(running: Running, scenario: Scenario, upstream: Peer): Promise<string | undefined> {
  const { path, headers, body } = requestOf(scenario)
  const response = await fetch(running.url + path, {
    method: 'POST',
    headers: { ...headers, ...running.headers(scenario.target) },
    body,
  })
  const reply = await response.text()
  if (response.status !== 200) return `answered ${response.status}: ${reply.slice(0, 200)}`
  return (
    requestFault(await upstream.ask<Seen>('seen'), scenario, body) ??
    replyFault(reply, scenario, verbatim(running, scenario))
  )
}

function verbatim(running: Running, { client, target }: Scenario): boolean {
  return client === target && CONTENDERS[running.name]?.verbatim === true
}

function requestFault(seen: Seen, { client, target }: Scenario, sent: string): string | undefined {
  if (seen.wire !== target) return `called the ${seen.wire} path of the upstream`
  if (client === target && seen.body === sent) return undefined
  const got = JSON.parse(seen.body) as { model?: string; messages?: unknown[]; stream?: boolean }
  if (got.model !== MODELS[target]) return `asked the upstream for model ${got.model}`
  if (!JSON.stringify(got.messages).includes('Why does the export job stop')) return 'lost the question'
  return undefined
}

function replyFault(reply: string, scenario: Scenario, exact: boolean): string | undefined {
  if (exact) return reply === upstreamReply(scenario) ? undefined : `changed the reply: ${reply.slice(0, 300)}`
  const expected = replyPieces(scenario.reply).join('')
  const words = streams(scenario) ? streamedWords(reply) : [wordsOf(JSON.parse(reply) as Message)]
  if (words.join('') !== expected) return `lost words of the reply: ${reply.slice(0, 300)}`
  if (streams(scenario) && words.filter(Boolean).length !== DELTAS)
    return `streamed ${words.length} deltas instead of ${DELTAS}`
  return undefined
}

/** The places where either dialect puts text, in a whole answer or in an event. */
interface Message {
  choices?: { message?: { content?: string }; delta?: { content?: string } }[]
  content?: { text?: string }[]
  delta?: { text?: string }
}

function streamedWords(reply: string): string[] {
  const events = reply.split('\n\n').map((frame) => /^data: ?(\{.*)$/m.exec(frame)?.[1])
  return events.filter((data) => data !== undefined).map((data) => wordsOf(JSON.parse(data) as Message))
}

function wordsOf({ choices, content, delta }: Message): string {
  return choices?.[0]?.message?.content ?? choices?.[0]?.delta?.content ?? content?.[0]?.text ?? delta?.text ?? ''
}
