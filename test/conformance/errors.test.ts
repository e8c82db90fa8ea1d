/** What goes wrong is told in the client's own envelope, with the status, the words and the wait that came. */
import { json, replayCase } from '@sluice/core/testing'
import type { RecordedCase, UpstreamReply } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArena, TARGETS } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { DIALECTS, PAIRS } from '../support/dialect-names.ts'
import { hello } from '../support/hello.ts'
import { ENVELOPES } from '../support/oracle/envelope.ts'
import { isCredentialFault, messageOf } from '../support/oracle/error.ts'
import type { Json } from '../support/oracle/json.ts'
import { describeRecorded } from '../support/recordings.ts'
import { Table } from '../support/table.ts'
import { answers, failures, refusals } from '../support/traffic.ts'
import { WIRES } from '../support/wires.ts'

const table = new Table()
let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await arena[Symbol.asyncDispose]()
  table.print('errors told')
})

const MODES = [false, true]
const STATUSES = [400, 404, 413, 422, 429, 500, 503, 529]

describe.each(PAIRS)('a $client client is told by an upstream of $upstream', ({ client, upstream }) => {
  describe.each(MODES)('streaming: %s,', (isStream) => {
    const cell = { client, upstream, isStream }
    const asked = WIRES[client].ask({ ...hello, stream: isStream }, TARGETS[upstream])

    test.each(STATUSES)('a refusal with %i', async (status) => {
      await table.count(cell, async () => {
        const { body, headers } = ENVELOPES[upstream].write('The provider says no.', status)
        arena.upstreams[upstream].reply(json(body, { status, headers: { ...headers, 'retry-after': '7' } }))
        const reply = await arena.send(asked)
        expect(reply.status).toBe(status)
        expect(reply.headers['retry-after']).toBe('7')
        expect(reply.contentType).toMatch(/^application\/json/)
        const told = JSON.parse(reply.body.toString()) as Json
        const fault = ENVELOPES[client].read(told, status)
        expect(fault.message).toBe('The provider says no.')
        if (client === upstream) expect(told).toMatchObject(body)
        else expect(fault.type).toBe(ENVELOPES[client].types[status] ?? '')
      })
    })

    test.each([401, 403])("a refusal of the gateway's own credential with %i", async (status) => {
      await table.count(cell, async () => {
        const { body, headers } = ENVELOPES[upstream].write('Wrong key sk-upstream.', status)
        arena.upstreams[upstream].reply(json(body, { status, headers }))
        const reply = await arena.send(asked)
        expect(reply.status).toBe(502)
        expect(reply.body.toString()).not.toContain('sk-upstream')
        ENVELOPES[client].read(JSON.parse(reply.body.toString()) as Json, 502)
      })
    })
  })
})

describeRecorded.each(DIALECTS)('the %s client is told', (client) => {
  describe.each(MODES)('streaming: %s,', (isStream) => {
    test.each(refusals)('$name', async (recorded) => {
      const { dialect: upstream, target, response = {}, status: came } = recorded
      await table.count({ client, upstream, isStream }, async () => {
        arena.upstreams[upstream].reply(replayCase(recorded))
        const reply = await arena.send(WIRES[client].ask({ ...hello, stream: isStream }, target))
        const words = messageOf(response)
        const isOurs = isCredentialFault(came, words)
        const status = isOurs ? 502 : came
        expect(reply.status).toBe(status)
        const told = JSON.parse(reply.body.toString()) as Json
        // Within a dialect, a vendor's own envelope passes.
        const message = client === upstream ? messageOf(told) : ENVELOPES[client].read(told, status).message
        if (isOurs) expect(message).not.toContain(words)
        else expect(message).toBe(words)
      })
    })
  })

  test.each(failures)('$name, within the stream', async (recorded) => {
    const { dialect: upstream, target, stream } = recorded
    await table.count({ client, upstream, isStream: true }, async () => {
      arena.upstreams[upstream].reply(replayCase(recorded))
      const reply = await arena.send(WIRES[client].ask({ ...hello, stream: true }, target))
      const own = ENVELOPES[upstream].readEnd(stream!)!
      if (reply.status !== 200) {
        // Nothing had been said before.
        expect(upstream).toBe('openai-responses')
        expect(reply.status).toBe(429)
        expect(ENVELOPES[client].read(JSON.parse(reply.body.toString()) as Json, 429).message).toBe(own.message)
        return
      }
      if (client !== upstream) WIRES[client].checkStream(reply.body, true)
      expect(ENVELOPES[client].readEnd(reply.body)?.message).toBe(own.message)
    })
  })

  const streams = answers.filter(({ stream, dialect }) => stream && dialect !== client)
  test.each(streams)('$name was cut off', async (recorded) => {
    const { dialect: upstream, target } = recorded
    await table.count({ client, upstream, isStream: true }, async () => {
      arena.upstreams[upstream].reply(cutOff(recorded))
      const reply = await arena.send(WIRES[client].ask({ ...hello, stream: true }, target))
      if (reply.status !== 200) {
        // The cut is within the first frame that says something.
        expect(reply.status).toBe(502)
        return
      }
      WIRES[client].checkStream(reply.body, true)
      expect(ENVELOPES[client].readEnd(reply.body)).toBeDefined()
    })
  })
})

/** The recorded stream, whose connection breaks on its way. */
function cutOff({ stream, headers }: RecordedCase): UpstreamReply {
  return async (_, response) => {
    response.writeHead(200, { 'content-type': headers['content-type'] })
    await new Promise((resolve) => response.write(stream!.subarray(0, Math.floor(stream!.length * 0.6)), resolve))
    response.destroy()
  }
}
