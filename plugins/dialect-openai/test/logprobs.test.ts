/** What clients of the two APIs see of the log probabilities that other vendors give. */
import type { ChatResponse } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { chatLogprobs, tokensOf } from '../src/logprobs.ts'
import { encodeResponse } from './support.ts'

const token = (text: string, logprob: number) => ({ token: text, logprob, bytes: [...Buffer.from(text)] })
const own = { ...token('Hi', -0.1), top_logprobs: [] }
const gemini = {
  chosenCandidates: [
    { token: 'Grü', tokenId: 1, logProbability: -0.1 },
    { token: 'ße', tokenId: 2, logProbability: -0.2 },
  ],
  topCandidates: [{ candidates: [{ token: 'Hi', tokenId: 3, logProbability: -1.5 }] }],
}
const geminiTokens = [
  { ...token('Grü', -0.1), top_logprobs: [token('Hi', -1.5)] },
  { ...token('ße', -0.2), top_logprobs: [] },
]

describe('log probabilities', () => {
  test.each<[what: string, given: unknown, tokens: unknown]>([
    ['of OpenAI’s chats', { content: [own], refusal: null }, [own]],
    ['of its responses', [own], [own]],
    ['of a stream that was put together', [{ content: [own] }, { content: [own] }], [own, own]],
    ['of Gemini', gemini, geminiTokens],
    ['of a stream of Gemini’s', [gemini, gemini], [...geminiTokens, ...geminiTokens]],
    ['of Cohere', [{ text: 'Hi', token_ids: [1], logprobs: [-0.1] }], [own]],
    ['of a stream of Cohere’s', { text: 'Hi', token_ids: [1], logprobs: [-0.1] }, [own]],
    ['of several tokens in one text', [{ text: 'Hi!', token_ids: [1, 2], logprobs: [-0.1, -0.2] }], undefined],
    ['without words for them', { chosenCandidates: [{ tokenId: 1, logProbability: -1 }] }, undefined],
    ['of an unknown form', { tokens: ['Hi'], token_logprobs: [-0.1] }, undefined],
    ['of nothing', { content: [] }, undefined],
  ])('%s', (_, given, tokens) => {
    expect(tokensOf(given)).toEqual(tokens)
  })

  test('are left out of a chat’s answer, if its form cannot say them', () => {
    const choice = { index: 0, parts: [], finish: { unified: 'stop' as const } }
    const answer = (logprobs: unknown): ChatResponse => {
      return { operation: 'chat', choices: [{ ...choice, logprobs }], extensions: {} }
    }
    expect(encodeResponse(answer({ tokens: [] })).choices).toMatchObject([{ logprobs: null }])
    expect(encodeResponse(answer(gemini)).choices).toMatchObject([
      { logprobs: { content: geminiTokens, refusal: null } },
    ])
  })

  test('of a refusal stay as they are', () => {
    const refused = { content: null, refusal: [own] }
    expect(chatLogprobs(refused)).toBe(refused)
  })
})
