/** Every recorded answer, heard by clients of every dialect: what the oracle reads in the recorded bytes, no more and no less. */
import { replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAnswered, openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { DIALECTS } from '../support/dialect-names.ts'
import type { DialectName } from '../support/dialect-names.ts'
import { hello } from '../support/hello.ts'
import type { Answer } from '../support/oracle/answer.ts'
import { comparable } from '../support/oracle/compare.ts'
import { heardBy } from '../support/oracle/heard.ts'
import type { Json } from '../support/oracle/json.ts'
import { LimitsMet } from '../support/oracle/limits.ts'
import { describeRecorded } from '../support/recordings.ts'
import { Table } from '../support/table.ts'
import { answers, read } from '../support/traffic.ts'
import { hear, WIRES } from '../support/wires.ts'

const table = new Table()
const met = new LimitsMet()
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await arena[Symbol.asyncDispose]()
  table.print('recorded answers heard')
})

describeRecorded.each(DIALECTS)('the %s client hears', (client) => {
  const wire = WIRES[client]

  test.each(answers)('$name', async (recorded) => {
    const { dialect: upstream, stream, responseBytes, target } = recorded
    const isStream = stream !== undefined
    await table.count({ client, upstream, isStream }, async () => {
      arena.upstreams[upstream].reply(replayCase(recorded, isStream ? { chunk: 997 } : {}))
      const reply = await arena.send(wire.ask({ ...hello, stream: isStream }, target))
      checkAnswered(reply)
      if (client === upstream) return expect(reply.body.equals((stream ?? responseBytes)!)).toBe(true)

      const expected = heardBy({ client, upstream, met }, read(recorded))
      const isCounted = expected.tokens !== undefined
      if (isStream) wire.checkStream(reply.body, isCounted)
      else wire.checkBody(JSON.parse(reply.body.toString()) as Json, isCounted)
      const heard = hear(wire, reply.body, isStream)
      checkIdentity(heard, client)
      expect(comparable(heard, expected)).toEqual(comparable(expected, expected))
    })
  })
})

/** Nobody is left without ids and names that the dialect promises, though the upstream's may have none. */
function checkIdentity({ id, model, choices }: Answer, client: DialectName): void {
  if (client !== 'bedrock') expect(id).not.toBe('')
  if (client === 'openai-responses') expect(id).toMatch(/^resp_/)
  if (client !== 'bedrock' && client !== 'cohere') expect(model).not.toBe('')
  for (const { calls } of choices) {
    const ids = calls.map((call) => call.id)
    expect(ids).not.toContain('')
    expect(new Set(ids).size).toBe(ids.length)
  }
}

describeRecorded('the table of what clients cannot be shown', () => {
  test('has no line that no recording needs', () => {
    expect(met.unmet()).toEqual([])
  })
})
