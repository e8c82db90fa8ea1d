import type { ChatRequest, JsonObject, Tool } from '@sluice/core'
import { requestOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { encode } from './support.ts'

const ask = (more: Partial<ChatRequest>): ChatRequest => requestOf([says('user', 'Hello')], more)
const tool = (name: string, more: object = {}): Tool => ({
  type: 'function',
  name,
  parameters: { type: 'object' },
  ...more,
})

describe('a parameter of another dialect', () => {
  test.each<[string, Partial<ChatRequest>, JsonObject]>([
    [
      'names',
      { maxTokens: 9, stop: ['a'], topP: 0.5, topK: 3, seed: 1, logprobs: true },
      { max_tokens: 9, stop_sequences: ['a'], p: 0.5, k: 3, seed: 1, logprobs: true },
    ],
    ['stream', { stream: true, includeUsage: true }, { stream: true }],
    [
      'what holds anyway',
      {
        n: 1,
        parallelToolCalls: true,
        serviceTier: 'auto',
        topLogprobs: 0,
        stop: [],
        tools: [],
        toolChoice: { type: 'auto' },
      },
      {},
    ],
    ['text', { responseFormat: { type: 'text' } }, { response_format: { type: 'text' } }],
    ['JSON', { responseFormat: { type: 'json' } }, { response_format: { type: 'json_object' } }],
    [
      'a schema',
      { responseFormat: { type: 'json-schema', name: 'n', strict: true, schema: { type: 'object' } } },
      { response_format: { type: 'json_object', json_schema: { type: 'object' } } },
    ],
    ['no thinking', { reasoning: { effort: 'none' } }, { thinking: { type: 'disabled' } }],
    ['a budget of nothing', { reasoning: { budgetTokens: 0 } }, { thinking: { type: 'disabled' } }],
    ['a budget', { reasoning: { budgetTokens: 2000 } }, { thinking: { type: 'enabled', token_budget: 2000 } }],
    ['a little thinking', { reasoning: { effort: 'low' } }, { thinking: { type: 'enabled', token_budget: 1024 } }],
    [
      'some thinking',
      { reasoning: { effort: 'medium', summary: 'auto' } },
      { thinking: { type: 'enabled', token_budget: 4096 } },
    ],
    ['much thinking', { reasoning: { effort: 'high' } }, { thinking: { type: 'enabled' } }],
    ['thinking as the model likes', { reasoning: { adaptive: true } }, { thinking: { type: 'enabled' } }],
    [
      'a forced tool',
      { tools: [tool('a')], toolChoice: { type: 'required' } },
      {
        tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }],
        tool_choice: 'REQUIRED',
      },
    ],
    [
      'no tool',
      { tools: [tool('a')], toolChoice: { type: 'none' } },
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }], tool_choice: 'NONE' },
    ],
    [
      'one tool by its name: the only one offered',
      { tools: [tool('a'), tool('b')], toolChoice: { type: 'tool', name: 'b' } },
      {
        tools: [{ type: 'function', function: { name: 'b', parameters: { type: 'object' } } }],
        tool_choice: 'REQUIRED',
      },
    ],
    [
      'a tool without parameters',
      { tools: [{ type: 'function', name: 'a', description: 'A.' }] },
      {
        tools: [
          {
            type: 'function',
            function: { name: 'a', description: 'A.', parameters: { type: 'object', properties: {} } },
          },
        ],
      },
    ],
    [
      'strict tools',
      { tools: [tool('a', { strict: true })] },
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }], strict_tools: true },
    ],
  ])('%s', (_, more, expected) => {
    const { body, dropped } = encode(ask(more))
    expect(body).toEqual({ model: 'command-a', messages: [{ role: 'user', content: 'Hello' }], ...expected })
    expect(dropped).toEqual({})
  })

  test.each<[string, Partial<ChatRequest>, string, JsonObject]>([
    ['several answers', { n: 2 }, 'n', {}],
    ['other tokens', { topLogprobs: 5 }, 'top_logprobs', {}],
    ['one call at a time', { parallelToolCalls: false }, 'parallel_tool_calls', {}],
    ['the user', { user: 'u' }, 'user', {}],
    ['metadata', { metadata: { a: 'b' } }, 'metadata', {}],
    ['a service tier', { serviceTier: 'flex' }, 'service_tier', {}],
    ['too many stops', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'stop', { stop_sequences: ['a', 'b', 'c', 'd', 'e'] }],
    ['a hot temperature', { temperature: 2 }, 'temperature', { temperature: 1 }],
    ['all of the mass', { topP: 1 }, 'top_p', { p: 0.99 }],
    ['none of the mass', { topP: 0 }, 'top_p', { p: 0.01 }],
    ['too many candidates', { topK: 1000 }, 'top_k', { k: 500 }],
    ['a bonus for repetition', { frequencyPenalty: -1 }, 'frequency_penalty', { frequency_penalty: 0 }],
    ['a great penalty', { presencePenalty: 2 }, 'presence_penalty', { presence_penalty: 1 }],
    ['an effort of the future', { reasoning: { effort: 'heroic' } }, 'reasoning', {}],
    [
      'hidden thinking',
      { reasoning: { budgetTokens: 5, summary: 'omitted' } },
      'reasoning.summary',
      { thinking: { type: 'enabled', token_budget: 5 } },
    ],
    [
      'a described format',
      { responseFormat: { type: 'json-schema', schema: {}, description: 'D' } },
      'response_format.description',
      { response_format: { type: 'json_object', json_schema: {} } },
    ],
    ['a choice without tools', { toolChoice: { type: 'required' } }, 'tool_choice', {}],
    [
      'a choice of another dialect',
      { toolChoice: { type: 'raw', dialect: 'x', value: 'validated' } },
      'tool_choice',
      {},
    ],
    ['a field of another dialect', { extensions: { x: { logit_bias: {}, nothing: null } } }, 'logit_bias', {}],
  ])('%s is reported', (_, more, param, expected) => {
    const { body, dropped } = encode(ask(more))
    const { model: _model, messages: _messages, ...rest } = body
    expect(rest).toEqual(expected)
    expect(Object.keys(dropped)).toEqual([param])
  })

  test('tools that are strict in part, hinted at or strange in a field are reported', () => {
    const tools = [tool('a', { strict: true, cache: {} }), tool('b', { extensions: { x: { defer: true } } })]
    const { body, dropped } = encode(ask({ tools }))
    expect(body.strict_tools).toBeUndefined()
    expect(Object.keys(dropped).sort()).toEqual(['cache_control', 'tools.defer', 'tools.strict'])
  })

  test.each<[string, Partial<ChatRequest>, string]>([
    [
      'a tool that another provider runs',
      { tools: [{ type: 'raw', dialect: 'x', value: { type: 'web_search' } }] },
      'tools[0]',
    ],
    [
      'a choice of a tool that is not there',
      { tools: [tool('a')], toolChoice: { type: 'tool', name: 'b' } },
      'tool_choice',
    ],
  ])('%s is refused', (_, more, param) => {
    expect(() => encode(ask(more))).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})
