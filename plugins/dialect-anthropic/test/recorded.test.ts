import type { JsonObject } from '@sluice/core'
import { Collector, isObject } from '@sluice/dialect-kit'
import { recordedCases, testDialect } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { anthropic } from '../src/index.ts'
import { decodeStream, encodeStream, eventsOf } from './support.ts'

const cases = [
  ...recordedCases({ endpoints: ['messages'] }),
  // On Vertex the model stands in the address, so that these bodies name none.
  ...recordedCases({ endpoints: ['streamRawPredict'] }).map((recorded) => {
    const request = { ...recorded.request, model: recorded.meta.model }
    return { ...recorded, request, requestBytes: Buffer.from(JSON.stringify(request)) }
  }),
]

testDialect({ test, dialect: anthropic, cases })

/** A message as Anthropic's own clients put it together from its events. */
function assemble(events: readonly JsonObject[]): JsonObject & { content: JsonObject[]; usage: JsonObject } {
  let message: JsonObject = {}
  const content: JsonObject[] = []
  const json: string[] = []
  const usage: JsonObject = {}
  for (const event of events) {
    if (event.type === 'message_start') {
      message = { ...(event.message as JsonObject) }
      Object.assign(usage, message.usage)
    } else if (event.type === 'message_delta') {
      Object.assign(message, event.delta)
      Object.assign(usage, event.usage)
    } else if (event.type === 'content_block_start') {
      const block = event.content_block as JsonObject
      content[event.index as number] = { ...block, ...(block.type === 'text' && { citations: [] }) }
    } else if (event.type === 'content_block_delta') {
      const index = event.index as number
      const block = content[index]!
      const delta = event.delta as JsonObject
      if (delta.type === 'text_delta') block.text = `${String(block.text)}${String(delta.text)}`
      else if (delta.type === 'thinking_delta') block.thinking = `${String(block.thinking)}${String(delta.thinking)}`
      else if (delta.type === 'signature_delta') block.signature = delta.signature
      else if (delta.type === 'citations_delta') (block.citations as unknown[]).push(delta.citation)
      else json[index] = (json[index] ?? '') + String(delta.partial_json)
    }
  }
  for (const [index, text] of json.entries()) if (text) content[index]!.input = JSON.parse(text)
  return { ...message, content, usage }
}

describe.each(cases.filter(({ stream }) => stream !== undefined))('$name', ({ stream }) => {
  const message = assemble(eventsOf(stream!))
  const { parts } = decodeStream(stream!)

  test('says in its parts what its events say', () => {
    const collector = new Collector(Infinity)
    for (const part of parts) collector.push(part)
    const { id, model, choices, usage } = collector.response()!
    expect({ id, model }).toEqual({ id: message.id, model: message.model })
    expect(choices[0]!.finish.raw).toBe(message.stop_reason)
    const blocks = message.content.filter((block) => block.text !== '')
    expect(choices[0]!.parts.map((part) => part.type)).toEqual(blocks.map(kindOf))
    for (const [index, part] of choices[0]!.parts.entries()) {
      const block = blocks[index]!
      if (part.type === 'text')
        expect([part.text, part.citations?.length ?? 0]).toEqual([block.text, (block.citations as unknown[]).length])
      if (part.type === 'tool-call')
        expect([part.id, part.name, JSON.parse(part.arguments)]).toEqual([block.id, block.name, block.input])
      if (part.type === 'reasoning')
        expect([part.text, part.signature ?? part.redacted]).toEqual([
          block.thinking ?? '',
          block.signature ?? block.data,
        ])
      if (part.type === 'raw') expect(part.value).toEqual(block)
    }
    const count = (key: string): number => (typeof message.usage[key] === 'number' ? message.usage[key] : 0)
    expect(usage!.output.total).toBe(count('output_tokens'))
    expect(usage!.input.total).toBe(
      count('input_tokens') + count('cache_read_input_tokens') + count('cache_creation_input_tokens'),
    )
  })

  test('is for a client the same message after it was written anew', () => {
    expect(assemble(eventsOf(encodeStream(parts)))).toEqual(message)
  })
})

function kindOf({ type }: JsonObject): string {
  if (type === 'text') return 'text'
  if (type === 'tool_use') return 'tool-call'
  return type === 'thinking' || type === 'redacted_thinking' ? 'reasoning' : 'raw'
}

test('the whole answers say in their parts what their blocks say', () => {
  for (const { response, status } of cases) {
    if (response === undefined || status >= 400) continue
    const { choices, usage } = anthropic.codecs.chat!.decodeResponse(response)
    const blocks = (response.content as unknown[]).filter(isObject)
    expect(choices[0]!.parts.map((part) => part.type)).toEqual(blocks.map(kindOf))
    expect(usage!.raw).toEqual(response.usage)
  }
})
