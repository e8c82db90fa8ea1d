/** What the gateway streams to clients of the API that a recorded stream did not come over is in good order. */
import { cutMidStream, replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PATHS } from '../support/api.ts'
import { checkAnthropicStream } from '../support/checkers/anthropic-stream.ts'
import { checkOpenAIStream } from '../support/checkers/openai-stream.ts'
import { eventsOf } from '../support/oracle/anthropic.ts'
import { object, objects, text } from '../support/oracle/json.ts'
import type { Json } from '../support/oracle/json.ts'
import { chunksOf } from '../support/oracle/openai.ts'
import { describeRecorded, recordings } from '../support/recordings.ts'
import type { Recording } from '../support/recordings.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

const streams = recordings.filter(({ stream }) => stream !== undefined)
const ofOpenAI = streams.filter(({ api }) => api === 'openai')
const ofAnthropic = streams.filter(({ api }) => api === 'anthropic')

/** The bytes that a client gets; `fields` go into its request. */
async function streamTo(client: 'openai' | 'anthropic', { target }: Recording, fields: object): Promise<string> {
  const messages = [{ role: 'user', content: 'Hello' }]
  const body = { model: target, messages, stream: true, ...fields }
  const reply = await stage.gateway.request(PATHS[client], { body })
  expect(reply.status).toBe(200)
  expect(reply.headers['content-type']).toMatch(/^text\/event-stream/)
  return reply.text
}

/** The blocks that the first choice of a streamed answer is to become: a new one where it begins to say something else. */
function blocksFor(chunks: readonly Json[]): string[] {
  const blocks: string[] = []
  const calls = new Set<unknown>()
  const say = (type: string): void => void (blocks.at(-1) !== type && blocks.push(type))
  for (const choice of chunks.flatMap(({ choices }) => objects(choices).filter(({ index }) => index === 0))) {
    const { content, refusal, reasoning, reasoning_content, tool_calls } = object(choice.delta) ?? {}
    if (reasoning || reasoning_content) say('thinking')
    for (const { thinking } of objects(content)) say(thinking ? 'thinking' : 'text')
    if (text(content) || refusal) say('text')
    for (const { index } of objects(tool_calls)) {
      if (!calls.has(index)) blocks.push('tool_use')
      calls.add(index)
    }
  }
  return blocks
}

describeRecorded('to an OpenAI client', () => {
  describe.each([true, false])('with usage asked for: %s', (usage) => {
    test.each(ofAnthropic)('$name', async (recording) => {
      stage.upstreams.anthropic.reply(replayCase(recording))
      const fields = usage ? { stream_options: { include_usage: true } } : {}
      checkOpenAIStream(await streamTo('openai', recording, fields), { usage })
    })
  })

  test.each(ofAnthropic)('$name, cut on its way, ends with an error', async (recording) => {
    stage.upstreams.anthropic.reply(cutMidStream(recording.stream!, Math.floor(recording.stream!.length * 0.6)))
    const stream = await streamTo('openai', recording, {})
    expect(stream).not.toContain('[DONE]')
    checkOpenAIStream(stream, { usage: false })
  })
})

describeRecorded('to an Anthropic client', () => {
  test.each(ofOpenAI)('$name', async (recording) => {
    stage.upstreams.openai.reply(replayCase(recording))
    const stream = await streamTo('anthropic', recording, { max_tokens: 100 })
    checkAnthropicStream(stream)
    const blocks = eventsOf(stream).flatMap((event) => object(event.content_block)?.type ?? [])
    expect(blocks).toEqual(blocksFor(chunksOf(recording.stream!)))
  })

  test.each(ofOpenAI)('$name, cut on its way, ends with an error', async (recording) => {
    stage.upstreams.openai.reply(cutMidStream(recording.stream!, Math.floor(recording.stream!.length * 0.6)))
    const stream = await streamTo('anthropic', recording, { max_tokens: 100 })
    expect(stream).not.toContain('message_stop')
    checkAnthropicStream(stream)
  })
})
