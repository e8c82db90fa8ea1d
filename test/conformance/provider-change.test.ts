/**
 * A conversation that goes on with another provider: the first one's proofs are nobody else's business, and how the
 * gateway wrapped them is nobody's.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAnswered, openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import type { Asked } from '../support/ask/asker.ts'
import { thinking } from '../support/ask/think.ts'
import { DIALECTS } from '../support/dialect-names.ts'
import type { ByDialect, DialectName } from '../support/dialect-names.ts'
import { hello } from '../support/hello.ts'
import type { Json } from '../support/oracle/json.ts'
import { THINKERS } from '../support/thinkers.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(() => arena[Symbol.asyncDispose]())

const signature = 'EqRkc2ln+/8='
const encrypted = 'ErUBZW5j+/8='
/** What each upstream proves its thoughts with; Cohere does not. */
const PROOFS: Omit<ByDialect<object>, 'cohere'> = {
  'openai-chat': { signature, encrypted },
  'openai-responses': { encrypted },
  anthropic: { signature, encrypted },
  gemini: { signature },
  bedrock: { signature, encrypted },
}
/** Claude understands its own proofs on all its hosts. */
const FAMILIES: Partial<ByDialect<string>> = {
  'openai-chat': 'OpenRouter',
  'openai-responses': 'OpenAI',
  anthropic: 'Claude',
  gemini: 'Gemini',
  bedrock: 'Claude',
}
/** The gateway's name, also in base64. */
const MARKS = ['sluice', 'c2x1aWNl']

const call = { id: 'toolu_1', name: 'weather', arguments: { city: 'Rome' } }
const question = { ...hello, limit: 4096, tools: [{ name: 'weather', description: 'Now', schema: { type: 'object' } }] }

const changes = DIALECTS.flatMap((client) =>
  (Object.keys(PROOFS) as (keyof typeof PROOFS)[]).flatMap((first) =>
    DIALECTS.flatMap((second) => [false, true].map((isStream) => ({ client, first, second, isStream }))),
  ),
).filter(({ first, second }) => first !== second)

test.each(changes)('a $client client goes from $first to $second, streaming: $isStream', async (change) => {
  const { client, first, second, isStream } = change
  const wire = WIRES[client]
  const answer = async (asked: Asked, upstream: DialectName, line: object): Promise<Json> => {
    arena.upstreams[upstream].reply(WIRES[upstream].say(line, isStream))
    const reply = await arena.send(asked)
    checkAnswered(reply)
    return isStream ? wire.whole(reply.body) : (JSON.parse(reply.body.toString()) as Json)
  }
  const asked = (target: string): Asked => thinking(client, wire.ask({ ...question, stream: isStream }, target))
  const heard = await answer(asked(THINKERS[first]), first, { thought: 'Rome, then.', ...PROOFS[first], calls: [call] })
  const [made] = wire.read(heard, 'openai').choices[0]!.calls
  const next = wire.goOn(asked(THINKERS[second]), heard, [{ call: made!.id, name: 'weather', result: 'sun' }])
  const end = await answer(next, second, { text: 'It is sunny.' })
  expect(wire.read(end, 'openai').choices[0]?.text).toBe('It is sunny.')

  const body = arena.upstreams[second].requests.at(-1)!.body.toString()
  expect(body).toContain('sun')
  for (const mark of MARKS) expect(body).not.toContain(mark)
  const isTheirs = FAMILIES[first] === FAMILIES[second]
  for (const proof of Object.values(PROOFS[first]) as string[]) expect(body.includes(proof)).toBe(isTheirs)
})
