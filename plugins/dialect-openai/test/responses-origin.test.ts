/** Proofs of thought find their way back to who made them, and to nobody else. */
import type { ChatRequest, JsonObject, Part, ReasoningPart, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { chat } from '../src/chat/index.ts'
import { responses } from '../src/responses/index.ts'
import {
  answerFrom,
  clientRequest,
  contextOf,
  decodeEvents,
  encodeAnswer,
  encodeFor,
  encodeStream,
  finished,
  outputOf,
  plain,
  startFrom,
} from './responses-support.ts'

/** The next turn of a client of this API, which sends back what it got. */
const nextTurn = (output: readonly JsonObject[]): ChatRequest =>
  clientRequest({ input: [{ role: 'user', content: 'q' }, ...output, { role: 'user', content: 'go on' }] })

const partsIn = (request: ChatRequest): Part[] => request.messages.flatMap(({ parts }) => parts)
const thoughtsIn = (request: ChatRequest): ReasoningPart[] =>
  partsIn(request).filter((part) => part.type === 'reasoning')

describe('the thought of another provider', () => {
  const thoughts: ReasoningPart[] = [
    { type: 'reasoning', text: 'Hm.', signature: 'sig==', origin: 'anthropic' },
    { type: 'reasoning', text: '', redacted: 'secret', origin: 'anthropic' },
    { type: 'reasoning', text: 'No proof.', origin: 'unknown' },
  ]

  test('comes back as it was, from a whole answer', () => {
    const output = outputOf(encodeAnswer(answerFrom('anthropic', [...thoughts, { type: 'text', text: 'a' }])))
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'reasoning', 'reasoning', 'message'])
    expect(thoughtsIn(nextTurn(output))).toEqual(thoughts)
  })

  test('comes back as it was, from a stream', () => {
    const parts = thoughts.flatMap(({ text, signature, redacted, origin = '' }, block): StreamPart[] => [
      ...(text === '' ? [] : [{ type: 'reasoning-delta', block, text } as const]),
      ...(signature === undefined ? [] : [{ type: 'reasoning-signature', block, signature, origin } as const]),
      ...(redacted === undefined ? [] : [{ type: 'reasoning-redacted', block, data: redacted, origin } as const]),
    ])
    const { response } = encodeStream([startFrom('anthropic'), ...parts, finished()])
    expect(thoughtsIn(nextTurn(outputOf(response)))).toEqual(thoughts)
  })

  test('survives clients that rebuild the item from its summary', () => {
    const [item] = outputOf(encodeAnswer(answerFrom('anthropic', [thoughts[0]!])))
    const { id, summary, encrypted_content } = item!
    expect(thoughtsIn(nextTurn([{ type: 'reasoning', id, summary, encrypted_content }]))).toEqual([thoughts[0]])
  })

  test('is never sent to OpenAI', () => {
    const output = outputOf(encodeAnswer(answerFrom('anthropic', [...thoughts, { type: 'text', text: 'a' }])))
    const { body, dropped } = encodeFor(nextTurn(output))
    expect(JSON.stringify(body)).not.toMatch(/reasoning|sig==|secret|sluice/)
    expect(dropped).toEqual(['messages.reasoning'])
  })

  test('may hold anything a client makes of it', () => {
    const forged = ['sluice:{"', 'sluice:{"origin":1}', 'sluice:{"call":{}}'].map((text) => Buffer.from(text))
    for (const encrypted_content of ['', ...forged.map((bytes) => bytes.toString('base64'))]) {
      expect(() => encodeFor(nextTurn([{ type: 'reasoning', summary: [], encrypted_content }]))).not.toThrow()
    }
  })
})

describe('the signature of a call', () => {
  const call: Part = {
    type: 'tool-call',
    id: 'c1',
    name: 'f',
    arguments: '{"a":1}',
    signature: 'gemini-sig',
    origin: 'gemini',
  }

  test('comes back on the call, from a whole answer', () => {
    const output = outputOf(encodeAnswer(answerFrom('gemini', [call])))
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call'])
    expect(partsIn(nextTurn(output))).toContainEqual(expect.objectContaining({ id: 'c1', signature: 'gemini-sig' }))
    expect(thoughtsIn(nextTurn(output))).toEqual([])
  })

  test('comes back on the call, from a stream of several', () => {
    const { response } = encodeStream([
      startFrom('gemini'),
      { type: 'tool-call-start', block: 0, id: 'c1', name: 'f', signature: 'gemini-sig', origin: 'gemini' },
      { type: 'tool-call-delta', block: 0, arguments: '{"a":1}' },
      { type: 'tool-call-start', block: 1, id: 'c2', name: 'f' },
      finished('tool-calls'),
    ])
    const calls = partsIn(nextTurn(outputOf(response))).filter((part) => part.type === 'tool-call')
    expect(calls.map(({ id, signature }) => [id, signature])).toEqual([
      ['c1', 'gemini-sig'],
      ['c2', undefined],
    ])
  })

  test('is never sent to OpenAI', () => {
    const { body, dropped } = encodeFor(nextTurn(outputOf(encodeAnswer(answerFrom('gemini', [call])))))
    expect(JSON.stringify(body)).not.toMatch(/gemini|sluice/)
    expect(dropped).toEqual(['messages.signature'])
  })
})

describe("OpenAI's encrypted thought", () => {
  const item = {
    type: 'reasoning',
    id: 'rs_1',
    summary: [{ type: 'summary_text', text: 'Hm.' }],
    encrypted_content: 'gAAA',
  }
  const answer = { id: 'r', object: 'response', status: 'completed', output: [item] }
  const events = (): StreamPart[] =>
    decodeEvents(
      { type: 'response.created', response: { id: 'r', object: 'response', status: 'in_progress' } },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, summary: [], encrypted_content: 'part' },
      },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'Hm.' },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: answer },
    ).parts

  test('goes to its client as it is, and back again', () => {
    expect(outputOf(encodeAnswer(responses.decodeResponse(answer)))).toEqual([item])
    expect(outputOf(encodeStream(events()).response)).toEqual([item])
    expect(encodeFor(clientRequest({ input: [item] })).body.input).toEqual([item])
  })

  /** What a client of the chat API gets and sends back. */
  function throughChat(): ChatRequest {
    const body = plain(chat.encodeResponse(responses.decodeResponse(answer), contextOf()))
    const { message } = (body.choices as JsonObject[])[0]!
    return chat.decodeRequest({ model: 'm', messages: [message, { role: 'user', content: 'go on' }] })
  }

  test('returns with its id through clients of another API', () => {
    const { body, dropped } = encodeFor(throughChat())
    expect((body.input as JsonObject[])[0]).toEqual(item)
    expect(dropped).toEqual([])
  })

  test('says that it is OpenAI’s, with or without an id', () => {
    const { id: _, ...nameless } = item
    for (const given of [item, nameless]) {
      const [thought] = thoughtsIn(clientRequest({ input: [given] }))
      expect(thought!.origin).toBe('openai-responses')
    }
  })

  test('stays with its item where a cache gives the answer again', () => {
    const [thought] = thoughtsIn(clientRequest({ input: [item] }))
    const { redacted = '', origin = '' } = thought!
    const cached = answerFrom('openai-responses', [{ type: 'reasoning', text: 'Hm.', summary: true, redacted, origin }])
    expect(outputOf(encodeAnswer(cached))).toEqual([item])
    const replayed = encodeStream([
      startFrom('openai-responses'),
      { type: 'reasoning-redacted', block: 0, data: redacted, origin },
    ])
    expect(outputOf(replayed.response)).toEqual([{ ...item, summary: [] }])
  })
})
