import { GatewayError } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { Collector, isObject } from '@sluice/dialect-kit'
import { recordedCases, testDialect } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { bedrock } from '../src/index.ts'
import { decodeStream, encodeStream, eventsOf, roundTrip, wire } from './support.ts'
import type { Event } from './support.ts'

const cases = recordedCases({ providers: ['bedrock'], endpoints: ['converse', 'converse-stream'] })

testDialect({ test, dialect: bedrock, cases, refuses: ['image by address'] })

/** A message as AWS's own clients put it together from its events. */
function assemble(events: readonly Event[]) {
  const blocks: JsonObject[] = []
  const inputs: string[] = []
  const rest: JsonObject = {}
  for (const [type, event] of events) {
    const index = event.contentBlockIndex as number
    if (type === 'contentBlockStart') {
      blocks[index] = structuredClone(event.start) as JsonObject
      inputs[index] = ''
    } else if (type === 'contentBlockDelta') {
      const delta = event.delta as JsonObject
      const block = (blocks[index] ??= {})
      if (isObject(delta.toolUse)) inputs[index] += delta.toolUse.input as string
      else if (isObject(delta.citation)) ((block.citations ??= []) as unknown[]).push(delta.citation)
      else
        for (const [key, value] of Object.entries((delta.reasoningContent as JsonObject | undefined) ?? delta))
          block[key] = ((block[key] as string | undefined) ?? '') + (value as string)
    } else if (type === 'messageStop' || type === 'metadata') Object.assign(rest, event)
  }
  for (const [index, text] of inputs.entries())
    if (text !== undefined) (blocks[index]!.toolUse as JsonObject).input = JSON.parse(text || '{}')
  return { blocks, ...rest } as { blocks: JsonObject[]; stopReason?: string; usage?: { [count: string]: number } }
}

const streams = cases.filter(({ stream }) => stream !== undefined)

test.skipIf(cases.length === 0)('there are recordings of whole answers, streams and refusals', () => {
  expect([streams.length, cases.filter(({ response }) => response).length]).toEqual([4, 7])
})

describe.each(streams)('$name', ({ stream }) => {
  const message = assemble(eventsOf(stream!))
  const { parts } = decodeStream(stream!)

  test('says in its parts what its events say', () => {
    const collector = new Collector(Infinity)
    for (const part of parts) collector.push(part)
    const { choices, usage } = collector.response()!
    expect(choices[0]!.finish.raw).toBe(message.stopReason)
    for (const [index, part] of choices[0]!.parts.entries()) {
      const block = message.blocks[index]!
      if (part.type === 'text') {
        expect([part.text, part.citations?.length ?? 0]).toEqual([
          block.text,
          (block.citations as unknown[] | undefined)?.length ?? 0,
        ])
      } else if (part.type === 'tool-call')
        expect({ toolUseId: part.id, name: part.name, input: JSON.parse(part.arguments) }).toEqual(block.toolUse)
      else expect([part.type, 'text' in part && part.text]).toEqual(['reasoning', block.text])
    }
    expect(choices[0]!.parts).toHaveLength(message.blocks.length)
    const { inputTokens, outputTokens, totalTokens } = message.usage!
    expect(usage).toMatchObject({ output: { total: outputTokens } })
    // The provider's own total counts cache reads and writes as input.
    expect(usage!.input.total + usage!.output.total).toBe(totalTokens)
    expect(usage!.input.total - usage!.input.cacheRead - usage!.input.cacheWrite).toBe(inputTokens)
  })

  test('is for a client the same message after it was written anew', () => {
    expect(assemble(eventsOf(encodeStream(parts)))).toEqual(message)
  })
})

test('the whole answers say in their parts what their blocks say', () => {
  const types = { text: 'text', toolUse: 'tool-call', reasoningContent: 'reasoning' }
  for (const { response, status } of cases) {
    if (response === undefined || status >= 400) continue
    const { choices, usage } = bedrock.codecs.chat!.decodeResponse(response)
    const { content } = (response.output as { message: { content: JsonObject[] } }).message
    const kinds = content.map((block) => Object.keys(block)[0] as keyof typeof types)
    expect(choices[0]!.parts.map((part) => part.type)).toEqual(kinds.map((kind) => types[kind]))
    expect(usage!.raw).toEqual(response.usage)
    expect(usage!.input.total + usage!.output.total).toBe((response.usage as JsonObject).totalTokens)
  }
})

test('every frame of the streams, broken in any place but with right checksums, is refused or taken', () => {
  for (const { stream } of streams) {
    const events = eventsOf(stream!)
    const seen = new Set<string>()
    for (const [index, [type, event]] of events.entries()) {
      for (const [at, broken] of brokenFrom(event)) {
        if (seen.has(`${type} ${at}`)) continue
        seen.add(`${type} ${at}`)
        const frames = wire(...events.slice(0, index), [type, broken], ...events.slice(index + 1))
        const outcome = attempt(() => encodeStream(decodeStream(frames).parts.filter((part) => part.type !== 'error')))
        expect([undefined, 'upstream_error']).toContain(outcome)
      }
    }
    expect(seen.size).toBeGreaterThan(50)
  }
})

/** The object with each of its values, at any depth, replaced by one of a wrong type. */
function* brokenFrom(value: JsonObject, path = ''): Generator<[string, JsonObject]> {
  for (const [key, inner] of Object.entries(value)) {
    for (const garbage of [null, 1, 'x', [], {}, [null], true, undefined])
      yield [`${path}${key}=${JSON.stringify(garbage)}`, { ...value, [key]: garbage }]
    if (isObject(inner))
      for (const [at, changed] of brokenFrom(inner, `${path}${key}.`)) yield [at, { ...value, [key]: changed }]
  }
}

/** The code of what was thrown; undefined if nothing was. */
function attempt(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return GatewayError.is(error) ? error.code : String(error)
  }
}

test('requests keep every field that they came with', () => {
  for (const { request, status } of cases)
    if (request && status < 400) expect(roundTrip(request)).toEqual({ body: request, dropped: {} })
})
