/** Recorded streams of both of OpenAI's APIs, written for clients of this one: in good order, and saying what was said. */
import type { JsonObject, StreamPart } from '@sluice/core'
import { recordedCases } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { responses } from '../src/responses/index.ts'
import { checkResponses } from './responses-checker.ts'
import { outputOf, streamText } from './responses-support.ts'
import { texts } from './support.ts'

const ofChat = recordedCases({ endpoints: ['chat.completions'] })
const ofResponses = recordedCases({ endpoints: ['responses'] })

function read(codec: typeof chat, stream: Buffer): StreamPart[] {
  const parts: StreamPart[] = []
  const reader = codec.stream.reader()
  reader.push(stream, parts)
  expect(reader.end(parts)).toBe(true)
  return parts.filter((part) => !('choice' in part && part.choice))
}

/** Texts, refusals, arguments and thoughts of a final response, in the order of its items. */
function saidIn(response: JsonObject): { [what: string]: string } {
  const said = { text: '', refusal: '', calls: '', thoughts: '' }
  for (const item of outputOf(response)) {
    for (const part of (item.content ?? []) as JsonObject[]) {
      if (part.type === 'output_text') said.text += String(part.text)
      if (part.type === 'refusal') said.refusal += String(part.refusal)
      if (part.type === 'reasoning_text') said.thoughts += String(part.text)
    }
    for (const part of (item.summary ?? []) as JsonObject[]) said.thoughts += String(part.text)
    if (item.type === 'function_call')
      said.calls += `${String(item.call_id)} ${String(item.name)} ${String(item.arguments)};`
  }
  return said
}

function saidBy(parts: readonly StreamPart[]): { [what: string]: string } {
  const pieces = texts(parts, 'tool-call-delta')
  const starts = parts.filter((part) => part.type === 'tool-call-start')
  return {
    text: texts(parts, 'text-delta').join(''),
    refusal: texts(parts, 'refusal-delta').join(''),
    thoughts: texts(parts, 'reasoning-delta').join(''),
    calls: starts.map(({ id, name }, index) => `${id} ${name} ${pieces[index]};`).join(''),
  }
}

for (const { codec, cases } of [
  { codec: chat, cases: ofChat },
  { codec: responses, cases: ofResponses },
]) {
  describe.skipIf(cases.length === 0)('a recorded stream is written in good order', () => {
    for (const { name, stream, status, meta } of cases) {
      if (stream === undefined || status >= 400 || meta.group === 'error') continue
      test(name, () => {
        const parts = read(codec, stream)
        const { response } = checkResponses(streamText(parts))
        expect(saidIn(response)).toEqual(saidBy(parts))
        const usage = parts.find((part) => part.type === 'usage')?.usage
        expect((response.usage as JsonObject | null)?.input_tokens).toBe(usage?.input.total)
      })
    }
  })
}

describe.skipIf(ofResponses.length === 0)('a recorded stream of this API', () => {
  for (const { name, stream, meta } of ofResponses) {
    if (stream === undefined || meta.group === 'error') continue
    test(`${name} ends with the final response that the vendor sent`, () => {
      const last = stream
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('data: {'))
        .map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject)
        .at(-1)!
      const { response } = checkResponses(streamText(read(responses, stream)))
      const { output: was, ...fields } = last.response as JsonObject
      const { output, ...others } = response
      expect(others).toEqual(fields)
      // Some vendors name an item otherwise in the final response than before, or put it elsewhere. OpenAI encrypts
      // a thought once more for it.
      const shape = (items: unknown): unknown =>
        (items as JsonObject[])
          .map(({ id: _, encrypted_content: __, ...item }) => JSON.stringify(withoutLogprobs(item)))
          .sort()
      expect(shape(output)).toEqual(shape(was))
    })
  }
})

/** OpenRouter leaves empty ones out; keys stand in one order. */
function withoutLogprobs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLogprobs)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([key, item]) => key !== 'logprobs' && !isEmpty(item))
  return Object.fromEntries(
    fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, withoutLogprobs(item)]),
  )
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
