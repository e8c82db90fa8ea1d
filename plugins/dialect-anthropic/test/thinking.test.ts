import type { ChatRequest, Reasoning } from '@sluice/core'
import { requestOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { encodeFor } from './support.ts'

const ask = (model: string, reasoning: Reasoning, more: Partial<ChatRequest> = {}) =>
  encodeFor(model, requestOf([says('user', 'Hi')], { reasoning, ...more }))

describe('an effort from another dialect', () => {
  test.each([
    ['minimal', 1024],
    ['low', 1024],
    ['medium', 4096],
    ['high', 16_384],
    ['xhigh', 32_768],
  ])('%s becomes a budget of %i tokens, within the limit of tokens', (effort, budget) => {
    const { body, dropped } = ask('claude-sonnet-4-5', { effort })
    expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: budget })
    expect(body.max_tokens).toBeGreaterThan(budget)
    expect(body).not.toHaveProperty('output_config')
    expect(dropped).toEqual({})
  })

  test('none switches thinking off', () => {
    expect(ask('claude-sonnet-4-5', { effort: 'none' }).body.thinking).toEqual({ type: 'disabled' })
    expect(ask('claude-sonnet-4-5', { budgetTokens: 0 }).body.thinking).toEqual({ type: 'disabled' })
  })

  test('raises a limit of tokens that would leave no answer, and says so', () => {
    const { body, dropped } = ask('claude-sonnet-4-5', { effort: 'medium' }, { maxTokens: 1000 })
    expect(body.max_tokens).toBe(5096)
    expect(Object.keys(dropped)).toEqual(['max_tokens'])
    expect(ask('claude-sonnet-4-5', { effort: 'medium' }, { maxTokens: 5000 }).body.max_tokens).toBe(5000)
  })

  test('that nobody knows is reported', () => {
    const { body, dropped } = ask('claude-sonnet-4-5', { effort: 'heroic' })
    expect(body).not.toHaveProperty('thinking')
    expect(Object.keys(dropped)).toEqual(['reasoning'])
  })
})

describe('the form of thinking is the one that the model takes', () => {
  const budget = (tokens: number) => ({ thinking: { type: 'enabled', budget_tokens: tokens } })
  const adaptive = (effort?: string) => ({
    thinking: { type: 'adaptive' },
    ...(effort && { output_config: { effort } }),
  })
  test.each<[string, Reasoning, object]>([
    ['claude-sonnet-4-5', { budgetTokens: 2000 }, budget(2000)],
    ['claude-sonnet-4-5', { budgetTokens: 5 }, budget(1024)],
    ['claude-sonnet-4-5', { adaptive: true }, budget(4096)],
    ['claude-opus-4-6', { effort: 'high' }, budget(16_384)],
    ['claude-opus-4-6', { adaptive: true, effort: 'high' }, adaptive('high')],
    ['claude-opus-4-8', { effort: 'minimal' }, adaptive('low')],
    ['claude-opus-5', { budgetTokens: 10_000 }, adaptive('high')],
    ['claude-sonnet-5', { budgetTokens: 40_000 }, adaptive('xhigh')],
    ['claude-sonnet-5', { adaptive: true }, adaptive()],
    ['some-name', { effort: 'low' }, budget(1024)],
    ['some-name', { adaptive: true }, adaptive()],
  ])('%s %j', (model, reasoning, fields) => expect(ask(model, reasoning).body).toMatchObject(fields))

  test('what is to be seen of it goes along', () => {
    expect(ask('claude-opus-5', { effort: 'low', summary: 'omitted' }).body.thinking).toEqual({
      type: 'adaptive',
      display: 'omitted',
    })
    expect(ask('claude-opus-5', { effort: 'low', summary: 'concise' }).body.thinking).toEqual({
      type: 'adaptive',
      display: 'summarized',
    })
    expect(Object.keys(ask('claude-opus-5', { summary: 'auto' }).dropped)).toEqual(['reasoning.summary'])
  })
})

describe('where Claude thinks', () => {
  test('it takes no sampling but its own', () => {
    const { body, dropped } = ask('claude-sonnet-4-5', { effort: 'low' }, { temperature: 0.2, topK: 3, topP: 0.5 })
    for (const field of ['temperature', 'top_k', 'top_p']) expect(body).not.toHaveProperty(field)
    expect(Object.keys(dropped).sort()).toEqual(['temperature', 'top_k', 'top_p'])
    expect(ask('claude-sonnet-4-5', { effort: 'low' }, { temperature: 1, topP: 0.95 })).toMatchObject({
      body: { top_p: 0.95 },
      dropped: {},
    })
  })

  test('it cannot be forced to use a tool: thinking gives way', () => {
    for (const toolChoice of [{ type: 'required' }, { type: 'tool', name: 'a' }] as const) {
      const { body, dropped } = ask(
        'claude-sonnet-4-5',
        { effort: 'low' },
        { tools: [{ type: 'function', name: 'a' }], toolChoice, temperature: 0.5 },
      )
      expect(body).not.toHaveProperty('thinking')
      expect(body.temperature).toBe(0.5)
      expect(Object.keys(dropped)).toEqual(['reasoning'])
    }
  })

  const call = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' } as const
  const result = { type: 'tool-result', callId: 'a', content: [] } as const
  const loop = (...thoughts: Parameters<typeof says>[1][]) => [
    says('user', 'Hi'),
    says('assistant', ...thoughts, call),
    says('tool', { ...result, content: [] }),
  ]

  test('with a budget, a turn that called tools without thinking goes on without', () => {
    const encode = (model: string, messages: ChatRequest['messages']) =>
      encodeFor(model, requestOf(messages, { reasoning: { effort: 'low' } }))
    expect(encode('claude-sonnet-4-5', loop('Let me see.')).body).not.toHaveProperty('thinking')
    expect(encode('claude-sonnet-4-5', loop('Let me see.')).dropped).toHaveProperty('reasoning')
    expect(encode('claude-sonnet-4-5', loop({ type: 'reasoning', text: 'Unsigned.' })).body).not.toHaveProperty(
      'thinking',
    )
    expect(
      encode('claude-sonnet-4-5', loop({ type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic' })).body,
    ).toHaveProperty('thinking')
    const apart = [
      says('user', 'Hi'),
      says('assistant', { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'anthropic' }),
      says('assistant', call),
      says('tool', { ...result, content: [] }),
    ]
    expect(encode('claude-sonnet-4-5', apart).body).toHaveProperty('thinking')
    expect(encode('claude-opus-5', loop('Let me see.')).body).toHaveProperty('thinking')
    expect(
      encode('claude-sonnet-4-5', [says('user', 'Hi'), says('assistant', 'To be continued')]).dropped,
    ).toHaveProperty('reasoning')
    const over = [...loop('A'), says('assistant', 'Done.'), says('user', 'Thanks')]
    expect(encode('claude-sonnet-4-5', over).body).toHaveProperty('thinking')
  })
})

describe('a model that samples in its own way', () => {
  test('gets no sampling parameters, and what is lost is reported', () => {
    const { body, dropped } = encodeFor(
      'claude-opus-4-8',
      requestOf([says('user', 'Hi')], { temperature: 0.2, topP: 1, topK: 3 }),
    )
    for (const field of ['temperature', 'top_k', 'top_p']) expect(body).not.toHaveProperty(field)
    expect(Object.keys(dropped)).toEqual(['temperature', 'top_k'])
    expect(encodeFor('claude-opus-4-8', requestOf([says('user', 'Hi')], { temperature: 1 })).dropped).toEqual({})
  })
})
