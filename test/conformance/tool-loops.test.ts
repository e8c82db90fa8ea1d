/** Conversations with tools, led by clients of every dialect: what an upstream wants back of its own comes back. */
import { replayCase } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkAnswered, openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { asksForThoughts, thinking } from '../support/ask/think.ts'
import type { Asked } from '../support/ask/asker.ts'
import { DIALECTS, PAIRS } from '../support/dialect-names.ts'
import type { ByDialect } from '../support/dialect-names.ts'
import { hello } from '../support/hello.ts'
import { emptyChoice } from '../support/oracle/answer.ts'
import type { Call } from '../support/oracle/answer.ts'
import type { Json } from '../support/oracle/json.ts'
import { proofsFor, readProofs } from '../support/oracle/proofs.ts'
import type { Proofs } from '../support/oracle/proofs.ts'
import type { Question } from '../support/oracle/question.ts'
import { describeRecorded } from '../support/recordings.ts'
import { Table } from '../support/table.ts'
import type { Cell } from '../support/table.ts'
import { THINKERS } from '../support/thinkers.ts'
import { answers, read } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

const table = new Table()
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await arena[Symbol.asyncDispose]()
  table.print('conversations with tools')
})

const thought = 'Both cities matter. 🌤'
const signature = 'EqRkc2ln+/8='
const encrypted = 'ErUBZW5j+/8='
const CLAUDE: readonly Proofs[] = [{ thought, signature }, { encrypted }, { thought, signature, encrypted }]
/** How each upstream thinks. */
const THOUGHTS: ByDialect<readonly Proofs[]> = {
  'openai-chat': [{ thought }, ...CLAUDE],
  'openai-responses': [{ encrypted }, { thought, encrypted }],
  anthropic: CLAUDE,
  gemini: [{ signature }, { thought, signature }],
  cohere: [{ thought }],
  bedrock: CLAUDE,
}

const schema = { type: 'object', properties: { city: { type: 'string' } } }
const question: Question = { ...hello, limit: 4096, tools: [{ name: 'weather', description: 'Now', schema }] }
/** Two calls of one tool, so that only ids or the order can tell the results apart. */
const CALLS = ['Zürich', 'Rome'].map((city, index) => ({ id: `toolu_${index}`, name: 'weather', arguments: { city } }))
/** Google's calls may have no ids. */
const NAMELESS = CALLS.map((call) => ({ ...call, id: '' }))

interface Loop extends Cell {
  target: string
  /** What the upstream answers first. */
  reply: UpstreamReply
  calls: readonly Call[]
  proofs: Proofs
}

/** Asks, runs the tools, and goes on; looks at what the upstream gets then. */
async function loop({ client, upstream, isStream, target, reply, calls, proofs }: Loop): Promise<void> {
  const wire = WIRES[client]
  const { say, readQuestion } = WIRES[upstream]
  const provider = arena.upstreams[upstream]
  const answer = async (asked: Asked): Promise<Json> => {
    const reply = await arena.send(asked)
    checkAnswered(reply)
    return isStream ? wire.whole(reply.body) : (JSON.parse(reply.body.toString()) as Json)
  }
  provider.reply(reply, say({ text: 'Go out.' }, isStream))

  const asked = thinking(client, wire.ask({ ...question, stream: isStream }, target))
  const heard = await answer(asked)
  expect(asksForThoughts[upstream](provider.requests.at(-1)!.json())).toBe(true)
  const results = wire
    .read(heard, 'openai')
    .choices[0]!.calls.map(({ id, name }, index) => ({ call: id, name, result: `result ${index}` }))
  expect(results).toHaveLength(calls.length)
  const end = await answer(wire.goOn(asked, heard, results))
  expect(wire.read(end, 'openai').choices[0]?.text).toBe('Go out.')

  const request = provider.requests.at(-1)!
  const { turns } = readQuestion(request.json(), request.path)
  const made = turns.flatMap((turn) => ('name' in turn ? [turn] : []))
  const given = turns.flatMap((turn) => ('result' in turn ? [turn] : []))
  expect(made.map((call) => [call.name, call.arguments])).toEqual(calls.map((call) => [call.name, call.arguments]))
  for (const [index, { id }] of calls.entries()) if (id) expect(made[index]!.call).toBe(id)
  expect(given.map(({ call }) => call)).toEqual(made.map(({ call }) => call))
  expect(given.map(({ result }) => result)).toEqual(results.map(({ result }) => result))
  expect(readProofs[upstream](request.json())).toEqual(proofsFor(upstream, proofs, client !== upstream))
}

describe.each([false, true])('streaming: %s,', (isStream) => {
  const scripted = PAIRS.flatMap(({ client, upstream }) =>
    THOUGHTS[upstream].flatMap((proofs) =>
      (upstream === 'gemini' ? [CALLS, NAMELESS] : [CALLS]).map((calls) => {
        const name = Object.keys(proofs).join(' and ')
        return { client, upstream, proofs, calls, name: calls === NAMELESS ? `${name}, of calls without ids,` : name }
      }),
    ),
  )

  test.each(scripted)('a $client client returns $name of $upstream', async ({ client, upstream, proofs, calls }) => {
    const cell = { client, upstream, isStream }
    const reply = WIRES[upstream].say({ ...proofs, text: 'One moment.', calls }, isStream)
    await table.count(cell, () => loop({ ...cell, target: THINKERS[upstream], reply, calls, proofs }))
  })
})

/** Recorded answers that thought before they called. */
const recorded = answers.filter((each) => {
  const [choice] = read(each).choices
  return choice && choice.calls.length > 0 && (choice.reasoning !== '' || choice.signatures.length > 0)
})

describeRecorded.each(DIALECTS)('a %s client goes on after', (client) => {
  test.each(recorded)('$name', async (each) => {
    const { dialect: upstream, stream, target } = each
    const [{ calls, reasoning, signatures, encrypted } = emptyChoice()] = read(each).choices
    const proofs: Proofs = Object.fromEntries(
      Object.entries({ thought: reasoning, signature: signatures[0], encrypted: encrypted[0] }).filter(
        ([, proof]) => proof,
      ),
    )
    const cell = { client, upstream, isStream: stream !== undefined }
    await table.count(cell, () => loop({ ...cell, target, reply: replayCase(each), calls, proofs }))
  })
})
