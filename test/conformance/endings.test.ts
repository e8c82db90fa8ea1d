/** Why an answer ended, in every word of every upstream, is told to clients of every dialect by the word that they know. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkAnswered, openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { PAIRS } from '../support/dialect-names.ts'
import type { ByDialect } from '../support/dialect-names.ts'
import { hello } from '../support/hello.ts'
import { emptyChoice } from '../support/oracle/answer.ts'
import { MEANINGS, wordFor } from '../support/oracle/finish.ts'
import type { Json } from '../support/oracle/json.ts'
import type { Line } from '../support/say.ts'
import { Table } from '../support/table.ts'
import { hear, WIRES } from '../support/wires.ts'

const table = new Table()
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await arena[Symbol.asyncDispose]()
  table.print('endings told')
})

/** The fields in which each dialect says why. */
const END: ByDialect<(word: string) => Json> = {
  'openai-chat': (word) => ({ finish_reason: word }),
  'openai-responses': (word) =>
    word === 'completed' ? {} : { status: 'incomplete', incomplete_details: { reason: word } },
  anthropic: (word) => ({ stop_reason: word, stop_sequence: word === 'stop_sequence' ? 'END' : null }),
  gemini: (word) => ({ finishReason: word }),
  cohere: (word) => ({ finish_reason: word }),
  bedrock: (word) => ({ stopReason: word }),
}

const TEXT = { what: 'a text', line: { text: 'Once' } as Line }
const CALL = {
  what: 'a call',
  line: { calls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Rome' } }] } as Line,
}

describe.each([false, true])('streaming: %s,', (isStream) => {
  describe.each(PAIRS)('a $client client of $upstream hears the end of', ({ client, upstream }) => {
    const cases = Object.entries(MEANINGS[upstream]).flatMap(([word, meaning]) => {
      if (meaning === 'stop')
        return [
          { word, ...TEXT },
          { word, ...CALL },
        ]
      return meaning === 'tool-calls' ? [{ word, ...CALL }] : word === 'failed' ? [] : [{ word, ...TEXT }]
    })

    test.each(cases)('$what: $word', async ({ line, word }) => {
      await table.count({ client, upstream, isStream }, async () => {
        arena.upstreams[upstream].reply(WIRES[upstream].say({ ...line, end: END[upstream](word) }, isStream))
        const wire = WIRES[client]
        const reply = await arena.send(wire.ask({ ...hello, stream: isStream }, TARGETS[upstream]))
        checkAnswered(reply)
        if (client !== upstream) {
          if (isStream) wire.checkStream(reply.body, true)
          else wire.checkBody(JSON.parse(reply.body.toString()) as Json, true)
        }
        const { text = '', calls = [] } = line
        const ended = { ...emptyChoice(), text, calls: [...calls], finish: word }
        const finish = client === upstream ? word : wordFor(client, upstream, ended)
        expect(hear(wire, reply.body, isStream).choices[0]).toEqual({ ...ended, finish })
      })
    })
  })
})
