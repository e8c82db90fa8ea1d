/** Every recorded answer and refusal, through both official clients: heard as it was recorded. */
import { replayCase } from '@sluice/core/testing'
import type { APIError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APIS } from '../support/api.ts'
import { ask, errorClass, readFinal } from '../support/clients.ts'
import { comparable } from '../support/oracle/compare.ts'
import { isCredentialFault, messageOf } from '../support/oracle/error.ts'
import { expectedBy } from '../support/oracle/expected.ts'
import { answers, describeRecorded, read, refusals } from '../support/recordings.ts'
import { clientsOf, openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'
import { Tally } from '../support/tally.ts'

const tally = new Tally()
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  tally.print('recorded replies heard as recorded')
})

describeRecorded.each(APIS)('the %s client', (client) => {
  test.each(answers)('hears $name', async (recording) => {
    const { api, target, vendor } = recording
    const isStream = recording.stream !== undefined
    const expected = expectedBy(client, api, read(recording))
    stage.upstreams[api].reply(replayCase(recording))
    const heard = await ask[client](stage.clients, target, isStream, { vendor })
    if (client !== api) {
      const shown = comparable(expected, expected)
      expect(comparable(heard.answer, expected)).toEqual(shown)
      expect(comparable(readFinal(client, heard, vendor), expected)).toEqual(shown)
    } else {
      expect(heard.answer).toEqual(expected)
      const direct = await ask[client](clientsOf(stage.upstreams[api].url), target, isStream, { vendor })
      expect(heard.final).toEqual(direct.final)
    }
    tally.add(`${client} client, ${api} upstream`, isStream ? 'stream' : 'JSON')
  })

  describe.each([false, true])('asking for a stream: %s', (isStream) => {
    test.each(refusals)('hears $name', async (recording) => {
      const { api, target, vendor, response = {} } = recording
      stage.upstreams[api].reply(replayCase(recording))
      const status = isCredentialFault(recording.status) ? 502 : recording.status
      const error: unknown = await ask[client](stage.clients, target, isStream, { vendor }).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(errorClass(client, status))
      const { message, status: told } = error as APIError
      expect(told).toBe(status)
      if (isCredentialFault(recording.status)) expect(message).not.toContain(messageOf(response))
      else expect(message).toContain(messageOf(response))
      tally.add(`${client} client, ${api} upstream`, 'refused')
    })
  })
})
