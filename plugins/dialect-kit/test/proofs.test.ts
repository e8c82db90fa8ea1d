import type { ChatRequest, Message, Part, ReasoningPart, ToolCallPart } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  callProof,
  mark,
  markedCall,
  markedThought,
  proofText,
  unmark,
  unmarkedParts,
  withOwnProofs,
} from '../src/index.ts'
import type { Taking } from '../src/index.ts'

const call: ToolCallPart = { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{}' }
const signed: ToolCallPart = { ...call, signature: 'c2ln', origin: 'gemini' }
const proof = fc.string({ minLength: 1 })
const thought: fc.Arbitrary<ReasoningPart> = fc.oneof(
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string(), signature: proof, origin: proof }),
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string(), redacted: proof, origin: proof, id: proof }),
)

describe('what a client gets', () => {
  test('of its own family is as it came', () => {
    const own: ReasoningPart = { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic' }
    expect(markedThought(own, 'anthropic')).toBe(own)
    expect(proofText({ signature: 's', origin: 'anthropic' }, 'anthropic')).toBe('s')
    expect(proofText({ redacted: 'r' }, 'anthropic')).toBe('r')
    expect(markedCall(signed, 'gemini')).toBe(signed)
  })

  test('of another is marked, as a signature where there is a text to sign', () => {
    const read = markedThought({ type: 'reasoning', text: 'Hm.', redacted: 'r', origin: 'openai-responses' }, 'cohere')
    expect(read).toEqual({ type: 'reasoning', text: 'Hm.', signature: expect.any(String) })
    expect(unmark(read.signature)).toEqual({ origin: 'openai-responses', redacted: 'r' })
    const unread = markedThought({ type: 'reasoning', text: '', signature: 's', origin: 'gemini' }, 'anthropic')
    expect(unread).toEqual({ type: 'reasoning', text: '', redacted: expect.any(String) })
  })

  test('of a thought that proves nothing is the thought', () => {
    const bare: ReasoningPart = { type: 'reasoning', text: 'Hm.', id: 'rs_1', origin: 'openai-chat' }
    expect(markedThought(bare, 'anthropic')).toBe(bare)
    expect(markedCall(call, 'gemini')).toBe(call)
    expect(callProof(call, 'anthropic')).toBeUndefined()
  })
})

describe('what a client sends back', () => {
  test('is what it was before it was marked', () => {
    fc.assert(
      fc.property(fc.array(thought), (thoughts) => {
        const marked = thoughts.map((each) => markedThought(each, 'client'))
        expect(unmarkedParts(marked, 'client')).toEqual(thoughts)
      }),
    )
  })

  test('has the signature of a call at the call, whether it came within it or before it', () => {
    const before: Part = { type: 'reasoning', text: '', redacted: callProof(signed, 'anthropic')! }
    const said: Part = { type: 'text', text: 'Let me see.' }
    expect(unmarkedParts([before, said, call], 'anthropic')).toEqual([said, signed])
    expect(unmarkedParts([markedCall(signed, 'openai-chat')], 'openai-chat')).toEqual([signed])
  })

  test('without a mark is of the client’s own family', () => {
    const parts: Part[] = [
      { type: 'reasoning', text: 'Hm.', signature: 's', cache: {} },
      { type: 'reasoning', text: '', redacted: 'r', origin: 'gemini' },
      { type: 'reasoning', text: 'Nothing proves this.' },
      { ...call, signature: 'c2ln' },
      call,
    ]
    expect(unmarkedParts(parts, 'anthropic')).toEqual([
      { ...parts[0], origin: 'anthropic' },
      parts[1],
      parts[2],
      { ...call, signature: 'c2ln', origin: 'anthropic' },
      call,
    ])
  })

  test('may say nonsense of a call', () => {
    const forged = { ...call, signature: mark({ origin: 'gemini', redacted: 'r' }) }
    expect(unmarkedParts([forged], 'openai-chat')).toEqual([call])
    const lost: Part = { type: 'reasoning', text: '', redacted: mark({ origin: 'gemini', signature: 's', call: 'x' }) }
    expect(unmarkedParts([lost, call], 'anthropic')).toEqual([call])
  })
})

describe('what a target gets', () => {
  const taking: Taking = { dialect: 'bedrock', family: 'anthropic', bareThoughts: false }
  const said = (...parts: Part[]): Message => ({ role: 'assistant', parts })
  function fitted(messages: Message[], changes: Partial<Taking> = {}, client = 'openai-chat') {
    const request: ChatRequest = {
      operation: 'chat',
      model: 'm',
      stream: false,
      messages,
      extensions: { [client]: {} },
    }
    const dropped: string[] = []
    const left = withOwnProofs(request, { ...taking, ...changes }, (param) => dropped.push(param))
    return { left, dropped }
  }

  test('is the same list if no proof is another’s', () => {
    const messages = [
      said({ type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic' }, call),
      said({ type: 'reasoning', text: 'Nothing proves this.', origin: 'gemini' }),
    ]
    expect(fitted(messages)).toEqual({ left: messages, dropped: [] })
    expect(fitted(messages).left).toBe(messages)
  })

  const others: Message[] = [
    said({ type: 'reasoning', text: 'Hm.', signature: 's', origin: 'gemini' }, signed),
    said({ type: 'reasoning', text: '', redacted: 'r', origin: 'openai-responses', id: 'rs_1' }),
  ]

  test('is nothing of thoughts that others prove, if it takes no other thoughts', () => {
    expect(fitted(others)).toEqual({
      left: [said(call)],
      dropped: ['messages.reasoning', 'messages.signature', 'messages.reasoning'],
    })
  })

  test('is what can be read of such thoughts, if it takes any', () => {
    const { left } = fitted(others, { bareThoughts: true })
    expect(left).toEqual([said({ type: 'reasoning', text: 'Hm.' }, call)])
  })

  test('of proofs that do not say whose they are, is those of clients of its dialect', () => {
    const messages = [said({ type: 'reasoning', text: 'Hm.', signature: 's' })]
    expect(fitted(messages, {}, 'bedrock').left).toBe(messages)
    expect(fitted(messages)).toEqual({ left: [], dropped: ['messages.reasoning'] })
  })
})
