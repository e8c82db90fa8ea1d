/** Between a client and an upstream of one API nothing changes but the credential, and the model's name if need be. */
import { cutMidStream, replayCase } from '@sluice/core/testing'
import type { UpstreamRequest } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { framesOf } from '../support/oracle/frames.ts'
import { isCredentialFault, messageOf } from '../support/oracle/error.ts'
import { answers, describeRecorded, recordings, refusals } from '../support/recordings.ts'
import type { Recording } from '../support/recordings.ts'
import { send } from '../support/send.ts'
import type { RawReply } from '../support/send.ts'
import { CLIENT_KEY, openStage, UPSTREAM_KEY } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

const asked = recordings.filter(({ requestBytes }) => requestBytes !== undefined)

let stage: Stage
beforeAll(async () => {
  // Each recorded model is an alias of its own name.
  stage = await openStage(Object.fromEntries(recordings.map(({ model, target }) => [model, target])))
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Sends the recorded request, or these bytes, and replays the recorded reply, a stream in pieces of `chunk` bytes. */
async function replay(recording: Recording, bytes = recording.requestBytes, chunk = Infinity): Promise<RawReply> {
  const { api, model } = recording
  stage.upstreams[api].reply(replayCase(recording, { chunk }))
  const fallback = { model, messages: [{ role: 'user', content: 'Hello' }] }
  return send(stage.gateway.url, api, bytes ?? fallback)
}

/** Index behind the last frame that is whole. */
function endOfFrames(bytes: Buffer): number {
  return Math.max(...['\n\n', '\r\n\r\n'].map((end) => (bytes.includes(end) ? bytes.lastIndexOf(end) + end.length : 0)))
}

function arrived({ api }: Recording): UpstreamRequest {
  return stage.upstreams[api].requests.at(-1)!
}

describeRecorded('the upstream gets', () => {
  test.each(asked)('the very bytes of $name', async (recording) => {
    await replay(recording)
    const { body, headers } = arrived(recording)
    expect(body.equals(recording.requestBytes!)).toBe(true)
    expect(JSON.stringify(headers)).not.toContain(CLIENT_KEY)
    if (recording.api === 'openai') expect(headers.authorization).toBe(`Bearer ${UPSTREAM_KEY}`)
    else expect(headers).toMatchObject({ 'x-api-key': UPSTREAM_KEY, 'anthropic-version': '2023-06-01' })
  })

  test.each(asked)('the very bytes of $name but for the name of the model', async (recording) => {
    const { model, target, requestBytes } = recording
    const value = Buffer.from(JSON.stringify(model))
    const at = requestBytes!.lastIndexOf(value)
    const [before, after] = [requestBytes!.subarray(0, at), requestBytes!.subarray(at + value.length)]
    const renamed = Buffer.concat([before, Buffer.from(JSON.stringify(target)), after])
    expect(JSON.parse(renamed.toString())).toEqual({ ...recording.request, model: target })
    await replay(recording, renamed)
    expect(arrived(recording).body.equals(requestBytes!)).toBe(true)
  })
})

describeRecorded('the client gets', () => {
  test.each(answers)('the very bytes of $name', async (recording) => {
    const { headers: recorded, stream, responseBytes } = recording
    for (const chunk of stream ? [Infinity, 61] : [Infinity]) {
      const { status, headers, body } = await replay(recording, recording.requestBytes, chunk)
      expect(status).toBe(200)
      expect(headers['content-type']).toBe(recorded['content-type'])
      expect(headers['x-sluice-dropped-params']).toBeUndefined()
      expect(body.equals((stream ?? responseBytes)!)).toBe(true)
    }
  })

  test.each(answers.filter(({ stream }) => stream))(
    'whole frames of $name cut off, and an error',
    async (recording) => {
      const { api, requestBytes, stream } = recording
      const cut = Math.floor(stream!.length * 0.6)
      stage.upstreams[api].reply(cutMidStream(stream!, cut))
      const { body } = await send(stage.gateway.url, api, requestBytes!)
      const whole = stream!.subarray(0, endOfFrames(stream!.subarray(0, cut)))
      expect(body.subarray(0, whole.length).equals(whole)).toBe(true)
      const [error, ...more] = framesOf(body.subarray(whole.length))
      expect(more).toEqual([])
      expect(JSON.parse(error!.data)).toMatchObject({
        error: { type: api === 'openai' ? 'server_error' : 'api_error' },
      })
    },
  )

  test.each(refusals)('$name as it came', async (recording) => {
    const { status, body } = await replay(recording)
    const { status: recorded, response = {} } = recording
    const json: unknown = JSON.parse(body.toString())
    if (isCredentialFault(recorded)) {
      expect(status).toBe(502)
      expect(json).not.toEqual(response)
      return
    }
    expect(status).toBe(recorded)
    // A vendor that leaves the API's envelope out gets one, so that SDKs find the message.
    if ('error' in response) expect(json).toEqual(response)
    else expect(json).toMatchObject({ error: { message: messageOf(response) } })
  })
})
