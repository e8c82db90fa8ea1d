/** The words of an answer that cite something cite the same for clients of all dialects that count characters. */
import { replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { hello } from '../support/hello.ts'
import { readCited } from '../support/oracle/cited.ts'
import type { Json } from '../support/oracle/json.ts'
import { describeRecorded } from '../support/recordings.ts'
import { answers, read } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(() => arena[Symbol.asyncDispose]())

const citing = answers.filter((recorded) => read(recorded).choices.some(({ sources }) => sources.length > 0))

describeRecorded.each(['openai-chat', 'openai-responses', 'gemini', 'cohere'] as const)('the %s client', (client) => {
  test.each(citing.filter(({ dialect }) => dialect !== client))('reads $name', async (recorded) => {
    const { dialect: upstream, target, stream, response = {} } = recorded
    arena.upstreams[upstream].reply(replayCase(recorded))
    const { body } = await arena.send(WIRES[client].ask({ ...hello, stream: stream !== undefined }, target))
    const heard = stream ? WIRES[client].whole(body) : (JSON.parse(body.toString()) as Json)
    const came = stream ? WIRES[upstream].whole(stream) : response
    const expected = readCited[upstream]!(came)
    expect(expected.length).toBeGreaterThan(0)
    expect(readCited[client]!(heard).sort()).toEqual(expected.sort())
  })
})
