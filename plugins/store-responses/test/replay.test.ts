import type { ReplyContext, StreamPart } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { openaiResponses } from '@sluice/dialect-openai'
import { expect, test } from 'vitest'
import { replayOf } from '../src/replay.ts'
import { lastResponse } from '../src/stage.ts'
import { eventsIn } from './support/events.ts'
import { nativeResponse } from './support/says.ts'

const codec = openaiResponses.codecs.chat!
const recorded = recordedCases({ endpoints: ['responses'] }).flatMap(({ name, response }) =>
  response?.status === 'completed' || response?.status === 'incomplete' ? [[name, response] as const] : [],
)

test.each([['one of a test', nativeResponse('resp_1', 'Hi')] as const, ...recorded])(
  'whoever reads the events of %s knows the response',
  (_, response) => {
    const frames = replayOf(response)
    const parts: StreamPart[] = []
    const reader = codec.stream.reader()
    reader.push(Buffer.from(frames), parts)
    expect(reader.end(parts)).toBe(true)
    const request = codec.decodeRequest({ model: 'm', input: 'Hi' })
    const context: ReplyContext = { id: 'x', model: 'm', request }
    const writer = codec.stream.writer(context)
    for (const part of parts) writer.push(part)
    expect(lastResponse(String(writer.end()))?.output).toEqual(response.output)
    expect(eventsIn(frames).at(-1)?.response).toEqual(response)
  },
)

test.each(['failed', 'cancelled'])('a response that is %s ends as one that failed', (status) => {
  const events = eventsIn(replayOf({ ...nativeResponse('resp_1', ''), status, output: [] }))
  expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed'])
  expect(events.at(-1)!.response).toMatchObject({ status })
})
