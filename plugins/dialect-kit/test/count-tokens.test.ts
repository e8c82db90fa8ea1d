import type { CountTokensRequest } from '@sluice/core'
import { expect, test } from 'vitest'
import { countedChat } from '../src/index.ts'

test('what is counted is the conversation with its tools, its format and its thinking; how to answer is not', () => {
  const counted = {
    model: 'm',
    messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hi' }] }],
    tools: [{ type: 'function' as const, name: 'f' }],
    toolChoice: { type: 'required' as const },
    responseFormat: { type: 'json' as const },
    reasoning: { effort: 'low' },
    extensions: { x: { field: 1 } },
  }
  const request: CountTokensRequest = {
    operation: 'count-tokens',
    stream: false,
    maxTokens: 5,
    temperature: 0,
    topP: 0.5,
    topK: 1,
    stop: ['x'],
    seed: 1,
    n: 2,
    parallelToolCalls: false,
    user: 'u',
    metadata: { a: 'b' },
    serviceTier: 'flex',
    ...counted,
  }
  expect(countedChat(request)).toEqual({ operation: 'chat', stream: false, ...counted })
})
