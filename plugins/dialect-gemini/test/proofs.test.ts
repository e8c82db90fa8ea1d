/** Proofs of thought find their way back to who made them, and to nobody else. */
import type { ChatRequest, JsonObject, Message, Part, StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { mark } from '@sluice/dialect-kit'
import { plain, reply, requestOf, responseOf, says } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chat, decodeStream, encodeFor, encodeStream, responsesOf, wire } from './support.ts'

const user = { role: 'user', parts: [{ text: 'Hi' }] }
const STAND_IN = 'skip_thought_signature_validator'

/** The next turn of a client that sends back the contents it got. */
const nextTurn = (...contents: JsonObject[]): ChatRequest => chat.decodeRequest({ contents: [user, ...contents, user] })
const assistantParts = ({ messages }: ChatRequest): Part[] =>
  messages.flatMap(({ role, parts }) => (role === 'assistant' ? parts : []))

/** The content that a client gets of an answer that `dialect` decoded. */
function contentOf(dialect: string, parts: Part[]): JsonObject {
  const response = responseOf(parts, { unified: 'stop' }, { extensions: { [dialect]: {} } })
  const [candidate] = plain(chat.encodeResponse(response, reply)).candidates as [{ content: JsonObject }]
  return candidate.content
}

/** The contents of a streamed answer, as clients keep them: one for each piece. */
function contentsOf(dialect: string, parts: StreamPart[]): JsonObject[] {
  const text = encodeStream([
    { type: 'start', extensions: { [dialect]: {} } },
    ...parts,
    { type: 'finish', finish: { unified: 'stop' } },
  ])
  return responsesOf(text).map(({ candidates }) => (candidates as [{ content: JsonObject }])[0].content)
}

const THOUGHTS: { [what: string]: Part[] } = {
  'a signed thought': [{ type: 'reasoning', text: 'Hm.', signature: 'sig==', origin: 'anthropic' }],
  'two of them': [
    { type: 'reasoning', text: 'Hm.', signature: 'one', origin: 'anthropic' },
    { type: 'reasoning', text: 'Aha.', signature: 'two', origin: 'anthropic' },
  ],
  'an encrypted thought': [{ type: 'reasoning', text: '', redacted: 'secret ☃', origin: 'openai-responses' }],
  'a signed call': [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":1}', signature: 's', origin: 'other' }],
}

describe('the proof of another provider', () => {
  for (const [what, parts] of Object.entries(THOUGHTS)) {
    test(`comes back as it was, from a whole answer: ${what}`, () => {
      expect(assistantParts(nextTurn(contentOf('nobody', parts)))).toMatchObject(parts)
    })

    test(`comes back as it was, from a stream in pieces: ${what}`, () => {
      const pieces = parts.flatMap((part, block) => streamed(part, block))
      const came = assistantParts(nextTurn(...contentsOf('nobody', [...pieces])))
      expect(came.filter(({ type }) => type !== 'text')).toMatchObject(parts)
    })

    test(`is bytes to clients that decode what they get: ${what}`, () => {
      const [part] = contentOf('nobody', parts).parts as [{ thoughtSignature: string }]
      expect(Buffer.from(part.thoughtSignature, 'base64').toString('base64')).toBe(part.thoughtSignature)
      const urlSafe = { role: 'model', parts: [{ ...part, thoughtSignature: toUrlSafe(part.thoughtSignature) }] }
      expect(assistantParts(nextTurn(urlSafe))).toMatchObject([parts[0]])
    })

    test(`is never shown to Gemini: ${what}`, () => {
      const turn = nextTurn(contentOf('nobody', parts))
      for (const request of [turn, { ...turn, extensions: {} }]) {
        for (const model of ['gemini-2.5-flash', 'gemini-3-pro-preview']) {
          const { contents } = encodeFor(model, request).body as { contents: { parts: JsonObject[] }[] }
          const isCall = parts[0]!.type === 'tool-call' && model.includes('3')
          const shown = contents.flatMap((content) => content.parts.flatMap((part) => part.thoughtSignature ?? []))
          expect(shown).toEqual(isCall ? [STAND_IN] : [])
        }
      }
    })
  }

  const encrypted: Part = { type: 'reasoning', text: '', redacted: 'secret', origin: 'openai-responses', id: 'rs_1' }
  const omitted: Part = { type: 'reasoning', text: '', signature: 'sig', origin: 'anthropic' }
  const carriers: { [what: string]: Part } = {
    'a call': { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
    'a signed call': { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', signature: 's', origin: 'other' },
    'a signed thought': { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic' },
    'an encrypted one with a summary': { type: 'reasoning', text: 'Hm.', redacted: 'r', origin: 'openai-responses' },
    'a text': { type: 'text', text: 'Hello' },
  }
  test.each(Object.entries(carriers))('has no part of its own without a text, if it stands before %s', (_, carrier) => {
    const thought: Part = { type: 'reasoning', text: 'First.', signature: 'one', origin: 'anthropic' }
    const given = [thought, encrypted, omitted, carrier]
    const content = contentOf('nobody', given)
    expect(content.parts).toHaveLength(2)
    const { redacted, ...back } = carrier as Part & { redacted?: string }
    const came = assistantParts(nextTurn(content))
    expect(came).toMatchObject([thought, encrypted, omitted, back])
    expect(came[3]).toHaveProperty('type', carrier.type)
    if (redacted !== undefined) expect(came[3]).toMatchObject({ redacted })
    if (carrier.type === 'text') expect(came[3]).toEqual(carrier)
  })

  test('keeps the bytes of a body from going up as they are', () => {
    const inspect = (...contents: JsonObject[]) => {
      const body = { contents: [user, ...contents] }
      return chat.inspect(body, Buffer.from(JSON.stringify(body)), PLACE)
    }
    const own = contentOf('gemini', [{ type: 'reasoning', text: 'Hm.', signature: 'sig', origin: 'gemini' }])
    expect(inspect(own)).not.toHaveProperty('transformed')
    for (const parts of Object.values(THOUGHTS)) {
      expect(inspect(own, contentOf('nobody', parts))).toHaveProperty('transformed', true)
    }
  })

  test('may hold anything a client makes of it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.record({ origin: fc.jsonValue(), signature: fc.jsonValue() })),
        (value) => {
          const thoughtSignature =
            mark({ origin: '' }).slice(0, 12) + Buffer.from(JSON.stringify(value)).toString('base64')
          const parts = [
            { text: 'A', thought: true, thoughtSignature },
            { functionCall: { name: 'f' }, thoughtSignature },
          ]
          const request = nextTurn({ role: 'model', parts })
          encodeFor('gemini-3-pro-preview', request)
          encodeFor('gemini-3-pro-preview', { ...request, extensions: {} })
        },
      ),
    )
  })
})

describe('the proof of Gemini', () => {
  const own = { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' }
  const call = { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'Y2FsbA==' }

  test('says whose it is, in whole answers, streams and requests', () => {
    const answer = { candidates: [{ content: { role: 'model', parts: [own, call] }, finishReason: 'STOP' }] }
    const proven = [
      { signature: 'c2ln', origin: 'gemini' },
      { signature: 'Y2FsbA==', origin: 'gemini' },
    ]
    expect(chat.decodeResponse(answer).choices[0]!.parts).toMatchObject(proven)
    expect(decodeStream(wire(answer)).parts.filter((part) => 'origin' in part)).toMatchObject(proven)
    expect(assistantParts(nextTurn({ role: 'model', parts: [own, call] }))).toMatchObject(proven)
  })

  test('returns to it from clients of other dialects', () => {
    const thought: Part = { type: 'reasoning', text: 'Hm.', signature: 'c2ln', origin: 'gemini', summary: true }
    const { body, dropped } = encodeFor(
      'gemini-3-pro-preview',
      requestOf([says('user', 'Hi'), says('assistant', thought)]),
    )
    expect([body.contents, dropped]).toEqual([[user, { role: 'model', parts: [own] }], {}])
  })

  const told = (signature: string, origin?: string): Message =>
    says('assistant', {
      type: 'tool-call',
      id: 'a',
      name: 'f',
      arguments: '{}',
      signature,
      ...(origin !== undefined && { origin }),
    })
  test.each<[signature: string, origin: string | undefined, shown: string]>([
    ['c2ln', undefined, STAND_IN],
    ['c2ln-_+/', 'gemini', 'c2ln-_+/'],
    ['c2ln', 'anthropic', STAND_IN],
    ['c2ln', 'unknown', STAND_IN],
  ])('%s of %s is shown as %s', (signature, origin, shown) => {
    const { body } = encodeFor('gemini-3-pro-preview', requestOf([says('user', 'Hi'), told(signature, origin)]))
    expect(body.contents).toMatchObject([user, { parts: [{ thoughtSignature: shown }] }])
  })

  test('of a thought is taken for its own only if it is said to be', () => {
    const thought: Part = { type: 'reasoning', text: 'Hm.', signature: 'c2ln' }
    const { body, dropped } = encodeFor('gemini-2.5-pro', requestOf([says('user', 'Hi'), says('assistant', thought)]))
    expect([body.contents, Object.keys(dropped)]).toEqual([[user], ['messages.reasoning']])
  })

  test('of a gateway behind this one passes through with its mark', () => {
    const thoughtSignature = mark({ origin: 'anthropic', signature: 'sig' })
    const parts = [{ text: 'Hm.', thought: true, thoughtSignature }]
    const answer = { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }] }
    expect(plain(chat.encodeResponse(chat.decodeResponse(answer), reply))).toEqual(answer)
    const { parts: steps } = decodeStream(wire(answer))
    const proof = { type: 'reasoning-signature', block: 0, signature: thoughtSignature, origin: 'gemini' }
    expect(steps).toContainEqual(proof)
    expect(decodeStream(encodeStream(steps)).parts).toContainEqual(proof)
  })
})

describe('thoughts in pieces', () => {
  const piece = (text: string, thoughtSignature?: string) => ({
    text,
    thought: true,
    ...(thoughtSignature !== undefined && { thoughtSignature }),
  })
  const model = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts })
  const proof = mark({ origin: 'anthropic', signature: 'sig' })

  test('stay pieces where their proof is Gemini’s, or none', () => {
    const body = { contents: [user, model(piece('A')), model(piece('B', 'c2ln')), user] }
    expect(encodeFor('gemini-2.5-flash', chat.decodeRequest(body)).body).toEqual(body)
  })

  test('are not joined over what stands between them', () => {
    const turn = nextTurn(model(piece('A'), { text: 'said' }, piece('B', proof)), user, model(piece('C')))
    expect(assistantParts(turn)).toMatchObject([
      { text: 'A' },
      { text: 'said' },
      { text: 'B', signature: 'sig' },
      { text: 'C' },
    ])
  })

  test('leave no empty contents behind', () => {
    const { messages } = nextTurn(model(piece('A')), model(piece('B')), model(piece('', proof), { text: 'said' }))
    expect(messages.map(({ role, parts }) => [role, parts.map((part) => 'text' in part && part.text)])).toEqual([
      ['user', ['Hi']],
      ['assistant', ['AB', 'said']],
      ['user', ['Hi']],
    ])
  })
})

function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** A part as an upstream of another dialect streams it, its text in pieces of two. */
function streamed(part: Part, block: number): StreamPart[] {
  if (part.type === 'tool-call') {
    const { type: _, arguments: args, ...call } = part
    return [
      { type: 'tool-call-start', block, ...call },
      { type: 'tool-call-delta', block, arguments: args },
    ]
  }
  if (part.type !== 'reasoning') return []
  const { text, signature, redacted, origin = '', summary } = part
  const pieces = text.match(/.{1,2}/g) ?? []
  return [
    ...pieces.map((piece): StreamPart => ({
      type: 'reasoning-delta',
      block,
      text: piece,
      ...(summary && { summary }),
    })),
    ...(signature === undefined ? [] : [{ type: 'reasoning-signature', block, signature, origin } as const]),
    ...(redacted === undefined ? [] : [{ type: 'reasoning-redacted', block, data: redacted, origin } as const]),
  ]
}
