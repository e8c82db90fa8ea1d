/** Answers with proofs of thought, which clients of every dialect must get in a form that they can send back. */
import type { Part } from '@sluice/core'

const call: Part = { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' }
const thought = { type: 'reasoning', text: 'Hm.' } as const
const hidden = { type: 'reasoning', text: '' } as const

export const PROVEN_ANSWERS: { readonly [whose: string]: Part[] } = {
  'of Claude': [
    { ...thought, signature: 'c2ln', origin: 'anthropic' },
    { ...hidden, redacted: 'ZGF0YQ==', origin: 'anthropic' },
    call,
  ],
  'of Gemini': [thought, { ...call, signature: 'c2ln', origin: 'gemini' }],
  'of Gemini, of several calls': [
    thought,
    { ...call, signature: 'c2ln', origin: 'gemini' },
    { ...call, id: 'call_2', signature: 'c2ln', origin: 'gemini' },
  ],
  'of Gemini, of a thought': [{ ...thought, signature: 'c2ln', origin: 'gemini' }, call],
  'of OpenAI': [{ ...hidden, redacted: 'rs_1:ZGF0YQ==', origin: 'openai-responses' }, call],
  'of OpenAI, with a summary': [{ ...thought, redacted: 'rs_1:ZGF0YQ==', origin: 'openai-responses' }, call],
  'of a vendor': [
    { ...thought, signature: 'c2ln', origin: 'openai-chat' },
    { ...hidden, redacted: 'ZGF0YQ==', origin: 'openai-chat' },
    call,
  ],
  'of two, of thoughts that can be read': [
    { ...thought, signature: 'c2ln', origin: 'gemini' },
    { ...thought, redacted: 'rs_1:ZGF0YQ', origin: 'openai-responses' },
    call,
  ],
  'of two, of thoughts that cannot': [
    { ...hidden, redacted: 'rs_1:ZGF0YQ', origin: 'openai-responses' },
    { ...hidden, redacted: 'none in base64!', origin: 'openai-chat' },
    call,
  ],
}
