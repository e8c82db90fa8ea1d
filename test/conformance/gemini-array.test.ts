/** Google's clients that do not ask for events get a stream as one JSON array. */
import { replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkAnswered, openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { checkGeminiArray } from '../support/checkers/gemini-stream.ts'
import { hello } from '../support/hello.ts'
import { comparable } from '../support/oracle/compare.ts'
import { heardBy } from '../support/oracle/heard.ts'
import { LimitsMet } from '../support/oracle/limits.ts'
import { describeRecorded } from '../support/recordings.ts'
import { answers, read } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

const { ask, readStream } = WIRES.gemini
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(() => arena[Symbol.asyncDispose]())

describeRecorded('a client of Google hears as an array', () => {
  test.each(answers.filter(({ stream }) => stream))('$name', async (recorded) => {
    const { dialect: upstream, target } = recorded
    arena.upstreams[upstream].reply(replayCase(recorded, { chunk: 61 }))
    const { path, ...asked } = ask({ ...hello, stream: true }, target)
    const reply = await arena.send({ ...asked, path: path.replace('?alt=sse', '') })
    checkAnswered(reply)
    expect(reply.contentType).toMatch(/^application\/json/)
    const answer = read(recorded)
    const expected =
      upstream === 'gemini' ? answer : heardBy({ client: 'gemini', upstream, met: new LimitsMet() }, answer)
    checkGeminiArray(reply.body, expected.tokens !== undefined)
    const heard = readStream(reply.body, 'gateway')
    expect(comparable(heard, expected)).toEqual(comparable(expected, expected))
  })
})
