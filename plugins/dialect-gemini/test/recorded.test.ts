import type { ChatResponse, Dialect, Part, StreamPart } from '@sluice/core'
import { recordedCases, testDialect } from '@sluice/core/testing'
import { Collector } from '@sluice/dialect-kit'
import { describe, expect, test } from 'vitest'
import { gemini, geminiArray } from '../src/index.ts'
import { chat, decodeStream, encodeStream, responsesOf } from './support.ts'

const cases = recordedCases({ endpoints: ['generateContent', 'streamGenerateContent'] })

testDialect({ test, dialect: gemini, cases })

// The same API, asked for one array.
const arrays = cases.flatMap(({ response, responseBytes, ...recorded }) =>
  responseBytes && response === undefined ? [{ ...recorded, stream: responseBytes }] : [],
)
testDialect({ test, dialect: geminiArray, cases: arrays })

type Wire = { [field: string]: unknown }
type Candidate = { index?: number; content?: { parts?: Wire[] }; finishReason?: unknown }
type Response = { candidates?: Candidate[]; usageMetadata?: { [count: string]: number } }

/** What a client makes of the pieces of an answer, taken from the wire without the codec. */
function sum(responses: readonly Response[]) {
  const parts = responses.flatMap(({ candidates }) => candidates ?? []).flatMap(({ content }) => content?.parts ?? [])
  const isThought = ({ thought }: Wire): boolean => thought === true
  const textOf = (list: readonly Wire[]): string =>
    list.map(({ text }) => (typeof text === 'string' ? text : '')).join('')
  const {
    promptTokenCount = 0,
    candidatesTokenCount = 0,
    thoughtsTokenCount = 0,
    toolUsePromptTokenCount = 0,
  } = responses.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata ?? {}
  const finishReason = responses
    .flatMap(({ candidates }) => candidates ?? [])
    .findLast((each) => each.finishReason)?.finishReason
  return {
    text: textOf(parts.filter((part) => !isThought(part))),
    thoughts: textOf(parts.filter(isThought)),
    calls: parts.flatMap(({ functionCall }) =>
      functionCall ? [(functionCall as Wire).name, (functionCall as Wire).args] : [],
    ),
    signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    others: parts.filter((part) => !('text' in part) && !('functionCall' in part)).length,
    finish: finishReason === 1 ? 'STOP' : finishReason,
    input: promptTokenCount + toolUsePromptTokenCount,
    output: candidatesTokenCount + thoughtsTokenCount,
  }
}

/** The same of canonical parts. */
function sumOf(response: ChatResponse) {
  const parts = response.choices.flatMap((choice) => choice.parts)
  const textOf = (type: Part['type']): string =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
  return {
    text: textOf('text'),
    thoughts: textOf('reasoning'),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [part.name, JSON.parse(part.arguments) as unknown] : [],
    ),
    others: parts.filter(({ type }) => !['text', 'reasoning', 'tool-call'].includes(type)).length,
    finish: response.choices[0]?.finish.raw,
    input: response.usage?.input.total,
    output: response.usage?.output.total,
  }
}

describe('the recorded answers say in their parts what they say on the wire', () => {
  for (const { name, response, responseBytes, stream, status } of cases) {
    if (status >= 400) continue
    test(name, () => {
      const { signatures, ...said } = sum(
        stream ? responsesOf(stream) : [response ?? (JSON.parse(responseBytes!.toString()) as Wire)].flat(),
      )
      if (response !== undefined) {
        const decoded = chat.decodeResponse(response)
        expect(sumOf(decoded)).toEqual(said)
        for (const signature of signatures) expect(JSON.stringify(decoded)).toContain(JSON.stringify(signature))
        return
      }
      const { parts } = stream ? decodeStream(stream) : readWith(geminiArray, responseBytes!)
      const collector = new Collector(Infinity)
      for (const part of parts) collector.push(part)
      expect(sumOf(collector.response()!)).toEqual(said)
      for (const signature of signatures) expect(JSON.stringify(parts)).toContain(JSON.stringify(signature))
      // What a client of Gemini is sent is the same answer.
      expect(sum(responsesOf(encodeStream(parts)))).toEqual({ signatures, ...said })
    })
  }
})

test('sources of recorded searches stand where their segments are', () => {
  for (const { response, stream, status } of cases) {
    if (status >= 400 || (response === undefined && stream === undefined)) continue
    const parts = stream ? collected(stream) : chat.decodeResponse(response!).choices[0]!.parts
    const text = parts.find((part) => part.type === 'text')
    const cited = (text?.citations ?? []).map(({ start, end }) => text!.text.slice(start, end))
    const said = JSON.stringify(stream ? responsesOf(stream) : response)
    const supports = said.matchAll(/"segment":\{([^}]*)\},"groundingChunkIndices":\[([^\]]*)\]/g)
    const segments = [...supports].flatMap(([, segment, indices]) => {
      const { text: words } = JSON.parse(`{${segment}}`) as { text: string }
      return indices!.split(',').map(() => words)
    })
    expect(cited).toEqual(segments)
  }
})

function readWith({ codecs }: Dialect, bytes: Buffer): { parts: StreamPart[] } {
  const reader = codecs.chat!.stream.reader()
  const parts: StreamPart[] = []
  reader.push(bytes, parts)
  expect(reader.end(parts)).toBe(true)
  return { parts }
}

function collected(stream: Buffer): Part[] {
  const collector = new Collector(Infinity)
  for (const part of decodeStream(stream).parts) collector.push(part)
  return collector.response()!.choices[0]!.parts
}
