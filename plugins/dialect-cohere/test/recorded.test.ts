import type { JsonObject, StreamPart } from '@sluice/core'
import { Collector } from '@sluice/dialect-kit'
import { recordedCases, testDialect } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { cohere } from '../src/index.ts'
import { at, chat, decodeStream, encodeStream, eventsOf } from './support.ts'

const cases = recordedCases({ providers: ['cohere'], endpoints: ['chat'] })

testDialect({ test, dialect: cohere, cases })

/** An answer as a client puts it together from its events. */
interface Assembled {
  id: unknown
  contents: { type: unknown; text: string; citations: unknown[] }[]
  plan: string
  calls: { id: unknown; name: unknown; arguments: string }[]
  end: JsonObject
}

function assemble(events: readonly JsonObject[]): Assembled {
  const answer: Assembled = { id: undefined, contents: [], plan: '', calls: [], end: {} }
  for (const event of events) {
    const index = event.index as number
    const message = at(event, 'delta', 'message')
    const content = at(message, 'content') as JsonObject
    const call = at(message, 'tool_calls') as JsonObject
    if (event.type === 'message-start') answer.id = event.id
    if (event.type === 'content-start') answer.contents[index] = { type: content.type, text: '', citations: [] }
    if (event.type === 'content-delta') answer.contents[index]!.text += String(content.text ?? content.thinking)
    if (event.type === 'tool-plan-delta') answer.plan += String(at(message, 'tool_plan'))
    if (event.type === 'tool-call-start')
      answer.calls[index] = { id: call.id, name: at(call, 'function', 'name'), arguments: '' }
    if (event.type === 'tool-call-delta') answer.calls[index]!.arguments += String(at(call, 'function', 'arguments'))
    if (event.type === 'citation-start') {
      const citation = at(message, 'citations') as JsonObject
      answer.contents[citation.content_index as number]!.citations.push(citation)
    }
    if (event.type === 'message-end') answer.end = event.delta as JsonObject
  }
  return answer
}

const streams = cases.filter(({ stream, meta }) => stream !== undefined && meta.group !== 'error')

describe.each(streams)('$name', ({ stream }) => {
  const answer = assemble(eventsOf(stream!))
  const { parts } = decodeStream(stream!)

  test('says in its parts what its events say', () => {
    const collector = new Collector(Infinity)
    for (const part of parts) collector.push(part)
    const { id, choices, usage } = collector.response()!
    const [choice] = choices
    expect(id).toBe(answer.id)
    expect(choice!.finish.raw).toBe(answer.end.finish_reason)
    const said = choice!.parts.map((part) => {
      if (part.type === 'tool-call') return [part.id, part.name, part.arguments]
      return part.type === 'text' || part.type === 'reasoning' ? [part.type, part.text] : []
    })
    expect(said).toEqual([
      ...(answer.plan === '' ? [] : [['text', answer.plan]]),
      ...answer.contents.map(({ type, text }) => [type === 'thinking' ? 'reasoning' : type, text]),
      ...answer.calls.map((call) => [call.id, call.name, call.arguments || '{}']),
    ])
    const billed = at(answer.end, 'usage', 'billed_units')
    expect(usage!.input.total).toBe(at(billed, 'input_tokens'))
    expect(usage!.output.total).toBe(at(billed, 'output_tokens'))
    expect(usage!.output.reasoning).toBe(at(answer.end, 'usage', 'tokens', 'reasoning_tokens') ?? 0)
    expect(usage!.raw).toEqual(answer.end.usage)
  })

  test('cites where its events cite', () => {
    const cited = parts.filter((part): part is StreamPart & { type: 'citation' } => part.type === 'citation')
    const expected = answer.contents.flatMap(({ citations }) => citations as JsonObject[])
    expect(cited.map(({ citation }) => [citation.start, citation.end])).toEqual(
      expected.map(({ start, end }) => [start, end]),
    )
    const text = answer.contents.find(({ type }) => type === 'text')?.text ?? ''
    for (const { citation } of cited)
      expect(text.slice(citation.start, citation.end)).toBe(at(citation, 'extensions', 'cohere', 'text'))
  })

  test('is for a client the same answer after it was written anew', () => {
    const again = assemble(eventsOf(encodeStream(parts)))
    const calls = answer.calls.map((call) => ({ ...call, arguments: call.arguments || '{}' }))
    expect(again).toEqual({ ...answer, calls })
  })

  test('has the events that Cohere sends, in its order, after it was written anew', () => {
    const shapes = (events: JsonObject[]): unknown[] => events.map(({ type, index }) => [type, index])
    // A call without arguments now says so.
    const again = shapes(eventsOf(encodeStream(parts))).filter(
      (shape) => answer.calls.some((call) => call.arguments !== '') || at(shape, 0) !== 'tool-call-delta',
    )
    expect(again).toEqual(shapes(eventsOf(stream!)))
  })
})

test('the whole answers say in their parts what their messages say', () => {
  for (const { response, status } of cases) {
    if (response === undefined || status >= 400) continue
    const { choices, usage } = chat.decodeResponse(response)
    const content = at(response, 'message', 'content') as JsonObject[]
    const calls = (at(response, 'message', 'tool_calls') ?? []) as JsonObject[]
    expect(choices[0]!.parts.map((part) => [part.type, at(part, 'text') ?? at(part, 'arguments')])).toEqual([
      ...content.map((item) => (item.type === 'text' ? ['text', item.text] : ['reasoning', item.thinking])),
      ...calls.map((call) => ['tool-call', at(call, 'function', 'arguments')]),
    ])
    expect(usage!.input.total).toBe(at(response, 'usage', 'billed_units', 'input_tokens'))
  }
})

test('the recorded failure ends as an error with the words of the provider', () => {
  for (const { stream, meta } of cases) {
    if (stream === undefined || meta.group !== 'error') continue
    const { parts, whole } = decodeStream(stream)
    const last = parts.at(-1)
    expect(whole).toBe(false)
    expect(last).toMatchObject({ type: 'error', error: { upstream: { type: 'INVALID_TOOL_GENERATION' } } })
  }
})
