import type { ChatRequest } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { claudeAbilities, claudeSummaryOf, claudeThinking, fitClaudeSampling, fitClaudeThinking } from '../src/index.ts'

const request = (more: Partial<ChatRequest>): ChatRequest => ({
  operation: 'chat',
  model: 'm',
  stream: false,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  extensions: {},
  ...more,
})

describe('what a model takes is told by its version', () => {
  const old = { adaptive: false, budget: true, sampling: true }
  const both = { adaptive: true, budget: true, sampling: true }
  const recent = { adaptive: true, budget: false, sampling: false }
  test.each([
    ['claude-3-haiku-20240307', old],
    ['claude-3-7-sonnet-20250219', old],
    ['claude-sonnet-4-20250514', old],
    ['us.anthropic.claude-haiku-4-5-20251001-v1:0', old],
    ['claude-sonnet-4-5@20250929', old],
    ['claude-opus-4-6', both],
    ['anthropic/claude-4.6-opus', both],
    ['claude-opus-4-7', recent],
    ['anthropic.claude-opus-4-7-v1:0', recent],
    ['claude-opus-4-10', recent],
    ['claude-fable-5-1', recent],
    ['claude-sonnet-5', recent],
    ['claude', both],
    ['claude-latest-20260101', both],
    ['my-deployment', both],
  ])('%s', (model, abilities) => expect(claudeAbilities(model)).toEqual(abilities))
})

test.each([
  [{ effort: 'none' }, { type: 'disabled' }],
  [
    { budgetTokens: 2000, summary: 'auto' },
    { type: 'enabled', budget_tokens: 2000, display: 'summarized' },
  ],
  [
    { adaptive: true, effort: 'high', summary: 'omitted' },
    { type: 'adaptive', display: 'omitted' },
  ],
  [{ effort: 'high' }, undefined],
])('%j is the field %j', (reasoning, field) => {
  const thinking = claudeThinking(reasoning)
  expect(thinking).toEqual(field)
  expect(claudeSummaryOf(thinking?.display)).toBe('summary' in reasoning ? reasoning.summary : undefined)
})

describe('a request for Claude', () => {
  const fit = (model: string, more: Partial<ChatRequest>) => {
    const dropped: string[] = []
    const drop = (param: string): void => void dropped.push(param)
    const abilities = claudeAbilities(model)
    const thinking = fitClaudeThinking(request(more), abilities, drop)
    return [thinking, fitClaudeSampling(request(more), abilities, thinking !== undefined, drop), dropped]
  }

  test.each<[string, Partial<ChatRequest>, unknown, object, string[]]>([
    [
      'claude-sonnet-4-5',
      { reasoning: { effort: 'low' }, temperature: 0 },
      { budgetTokens: 1024 },
      {},
      ['temperature'],
    ],
    ['claude-sonnet-4-5', { reasoning: { effort: 'none' } }, { effort: 'none' }, {}, []],
    [
      'claude-opus-4-8',
      { reasoning: { budgetTokens: 4000 }, topK: 2 },
      { adaptive: true, effort: 'medium' },
      {},
      ['top_k'],
    ],
    [
      'claude-sonnet-4-5',
      { reasoning: { effort: 'low' }, toolChoice: { type: 'required' }, topP: 0.5 },
      undefined,
      { topP: 0.5 },
      ['reasoning'],
    ],
    ['claude-sonnet-4-5', { temperature: 1.2, topP: 0.9 }, undefined, { temperature: 1 }, ['temperature', 'top_p']],
  ])('%s: %j', (model, more, thinking, sampling, dropped) => {
    expect(fit(model, more)).toEqual([thinking, sampling, dropped])
  })
})
