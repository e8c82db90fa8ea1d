/** What clients of every dialect ask reaches upstreams of every dialect with nothing lost that these have words for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkAnswered, openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { DIALECTS, PAIRS } from '../support/dialect-names.ts'
import type { DialectName } from '../support/dialect-names.ts'
import { arrivalAt, isPossible, MAKESHIFTS, plain, UNASKED, wishesIn } from '../support/oracle/asked.ts'
import type { Question } from '../support/oracle/question.ts'
import { recordedQuestions } from '../support/recorded-questions.ts'
import { describeRecorded } from '../support/recordings.ts'
import { samples } from '../support/samples.ts'
import { Table } from '../support/table.ts'
import { WIRES } from '../support/wires.ts'

const table = new Table()
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await arena[Symbol.asyncDispose]()
  table.print('questions that arrived')
})

const questions = [false, true].flatMap((stream) =>
  Object.entries(samples).map(([name, sample]) => {
    return { name: stream ? `${name}, streamed` : name, question: { ...sample, stream } }
  }),
)

describe.each(DIALECTS)('a client of %s', (client) => {
  const { ask, readQuestion } = WIRES[client]

  test.each(questions)('asks what the oracle reads: $name', ({ question }) => {
    if (!isPossible(client, question)) {
      expect(() => ask(question, 'model')).toThrow()
      return
    }
    const { body, path } = ask(question, 'model')
    const read = plain(readQuestion(body, path))
    if (wishesIn(UNASKED[client], question).length === 0) expect(read).toEqual(plain(question))
    else expect(read).not.toEqual(plain(question))
  })

  test.each([UNASKED, MAKESHIFTS])('has no limits that no question meets', (limits) => {
    const met = Object.values(samples).flatMap((sample) => wishesIn(limits[client], sample))
    expect(Object.keys(limits[client]).sort()).toEqual([...new Set(met)].sort())
  })
})

describe.each(PAIRS)('a $client client asks an upstream of $upstream', ({ client, upstream }) => {
  test.each(questions.filter(({ question }) => isPossible(client, question)))('$name', ({ question }) =>
    arrives(client, upstream, question),
  )
})

describeRecorded.each(PAIRS)(
  'a $client client asks an upstream of $upstream what was recorded',
  ({ client, upstream }) => {
    test.each(recordedQuestions.filter(({ question }) => isPossible(client, question)))('$name', ({ question }) =>
      arrives(client, upstream, question),
    )
  },
)

async function arrives(client: DialectName, upstream: DialectName, question: Question): Promise<void> {
  await table.count({ client, upstream, isStream: question.stream }, async () => {
    const { requests } = arena.upstreams[upstream]
    const before = requests.length
    arena.upstreams[upstream].reply(WIRES[upstream].say({ text: 'Yes.' }, question.stream))
    const asked = WIRES[client].ask(question, TARGETS[upstream])
    const reply = await arena.send(asked)
    const said = WIRES[client].readQuestion(asked.body, asked.path)
    const arrival = client === upstream ? { question: plain(said), dropped: [] } : arrivalAt(upstream, said)
    const [request] = requests.slice(before)
    if (arrival.question === undefined) {
      expect(reply.status).toBe(400)
      expect(request).toBeUndefined()
      return
    }
    checkAnswered(reply)
    expect(plain(WIRES[upstream].readQuestion(request!.json(), request!.path))).toEqual(arrival.question)
    expect(reply.dropped).toEqual(arrival.dropped)
    // The target's own name for the model, in the body or in the path.
    const [, model = ''] = TARGETS[upstream].split('/')
    expect(request!.json().model ?? decodeURIComponent(request!.path)).toContain(model)
  })
}
