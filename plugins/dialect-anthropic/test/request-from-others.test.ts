import type { ChatRequest, Tool } from '@sluice/core'
import {
  CLAUDE_LOSSES,
  FOREIGN_PARAMETERS,
  REPORTING_CLAUDE,
  requestOf,
  says,
  weather,
} from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { chat, encodeFor } from './support.ts'

const hi = says('user', 'Hi')
const ask = (more: Partial<ChatRequest>) => encodeFor('claude-sonnet-4-5', requestOf([hi], more))

describe('parameters from another dialect', () => {
  test('go along where Claude has them', () => {
    const { body, dropped } = ask({
      stream: true,
      topK: 4,
      topP: 0.5,
      stop: ['END'],
      user: 'u1',
      maxTokens: 7,
      serviceTier: 'default',
      includeUsage: true,
    })
    expect(body).toMatchObject({
      stream: true,
      top_k: 4,
      top_p: 0.5,
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      max_tokens: 7,
      service_tier: 'standard_only',
    })
    expect(dropped).toEqual({})
  })

  const reported: (readonly [params: string[], Partial<ChatRequest>])[] = [
    ...CLAUDE_LOSSES,
    ...FOREIGN_PARAMETERS,
    [['metadata'], { metadata: { a: 'b' } }],
    [['service_tier'], { serviceTier: 'flex' }],
    [['stop'], { stop: ['\n', 'END'] }],
    // What says only what holds anyway is no loss.
    [[], { temperature: 0.5, topP: 1 }],
    [[], { toolChoice: { type: 'auto' }, tools: [], parallelToolCalls: true }],
  ]
  test.each(reported)('%j are reported', (params, more) => {
    const { body, dropped } = ask(more)
    expect(Object.keys(dropped)).toEqual(params)
    for (const param of ['seed', 'n', 'metadata', 'logit_bias', 'response_format', 'tool_choice', 'tools']) {
      if (param !== 'tools' || !more.tools?.length) expect(body).not.toHaveProperty(param)
    }
  })

  test.each(REPORTING_CLAUDE)('%s', (_, holds) => holds(chat))

  test('a temperature above 1 becomes 1', () => expect(ask({ temperature: 1.5 }).body.temperature).toBe(1))

  test('of temperature and top_p only one goes along', () => {
    expect(ask({ temperature: 0.5, topP: 0.9 }).body).toMatchObject({ temperature: 0.5 })
    expect(ask({ temperature: 0.5, topP: 0.9 }).body).not.toHaveProperty('top_p')
    expect(ask({ temperature: 1, topP: 0.9 }).body).not.toHaveProperty('temperature')
    expect(ask({ temperature: 1, topP: 0.9 }).body).toMatchObject({ top_p: 0.9 })
  })

  test('a schema for the answer becomes the output format', () => {
    const schema = { type: 'object', additionalProperties: false }
    const { body, dropped } = ask({
      responseFormat: { type: 'json-schema', name: 'n', strict: true, schema, description: 'd' },
    })
    expect(body.output_config).toEqual({ format: { type: 'json_schema', schema } })
    expect(Object.keys(dropped)).toEqual(['response_format.description'])
  })
})

describe('tools from another dialect', () => {
  test('get the schema type that Claude insists on, and nothing else', () => {
    const { body } = ask({
      tools: [
        { type: 'function', name: 'a', description: 'd', strict: true, cache: {} },
        { type: 'function', name: 'b', parameters: { properties: { x: {} }, type: 'object', $defs: {} } },
      ],
    })
    expect(body.tools).toEqual([
      {
        name: 'a',
        description: 'd',
        strict: true,
        input_schema: { type: 'object' },
        cache_control: { type: 'ephemeral' },
      },
      { name: 'b', input_schema: { properties: { x: {} }, type: 'object', $defs: {} } },
    ])
  })

  const choices: [Partial<ChatRequest>, unknown][] = [
    [{ toolChoice: { type: 'auto' } }, { type: 'auto' }],
    [
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { type: 'tool', name: 'weather' } }, { type: 'tool', name: 'weather' }],
    [{ toolChoice: { type: 'none' }, parallelToolCalls: false }, { type: 'none' }],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ parallelToolCalls: true }, undefined],
  ]
  test.each(choices)('%j', (more, choice) =>
    expect(ask({ tools: [weather], ...more }).body.tool_choice).toEqual(choice),
  )

  test('that run at another provider are refused', () => {
    const tools: Tool[] = [weather, { type: 'raw', dialect: 'openai-responses', value: { type: 'file_search' } }]
    expect(() => ask({ tools })).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'tools[1]' }))
  })
})
