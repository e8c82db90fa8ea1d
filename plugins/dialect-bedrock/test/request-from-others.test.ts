import type { ChatRequest, Tool } from '@sluice/core'
import {
  CLAUDE_LOSSES,
  FOREIGN_PARAMETERS,
  REPORTING_CLAUDE,
  requestOf,
  says,
  weather,
} from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeToolName, toolUseId, unescapeToolName } from '../src/chat/tool-names.ts'
import { chat, encodeFor } from './support.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const hi = says('user', 'Hi')
const ask = (more: Partial<ChatRequest>, model = CLAUDE) => encodeFor(model, requestOf([hi], more))

describe('parameters from another dialect', () => {
  test('go along where Bedrock has them', () => {
    const { body, dropped } = ask({
      stream: true,
      topK: 4,
      topP: 0.5,
      stop: ['END'],
      maxTokens: 7,
      metadata: { team: 'a b' },
      serviceTier: 'priority',
      includeUsage: true,
    })
    expect(body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      inferenceConfig: { maxTokens: 7, topP: 0.5, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 4 },
      requestMetadata: { team: 'a b' },
      serviceTier: { type: 'priority' },
    })
    expect(dropped).toEqual({})
  })

  const reported: (readonly [params: string[], Partial<ChatRequest>])[] = [
    ...CLAUDE_LOSSES,
    ...FOREIGN_PARAMETERS,
    [['user'], { user: 'u1' }],
    [['parallel_tool_calls'], { parallelToolCalls: false }],
    [['metadata'], { metadata: { a: 'Grüße' } }],
    [['service_tier'], { serviceTier: 'scale' }],
    [['stop'], { stop: ['', 'END'] }],
    // What says only what holds anyway is no loss.
    [[], { serviceTier: 'auto' }],
    [[], { toolChoice: { type: 'auto' }, tools: [] }],
    [[], { toolChoice: { type: 'none' }, tools: [weather] }],
  ]
  test.each(reported)('%j are reported', (params, more) => {
    const { body, dropped } = ask(more)
    expect(Object.keys(dropped)).toEqual(params)
    if (
      !params.includes('stop') &&
      !params.includes('temperature') &&
      !params.includes('top_p') &&
      more.tools === undefined
    )
      expect(body).toEqual({ messages: body.messages })
  })

  test.each(REPORTING_CLAUDE)('%s', (_, holds) => holds(chat))

  test.each<[model: string, fields: object | undefined, dropped: string[]]>([
    [CLAUDE, { top_k: 5 }, []],
    ['amazon.nova-lite-v1:0', { inferenceConfig: { topK: 5 } }, []],
    ['mistral.mistral-large-2407-v1:0', { top_k: 5 }, []],
    ['cohere.command-r-v1:0', { k: 5 }, []],
    ['meta.llama3-1-70b-instruct-v1:0', undefined, ['top_k']],
    ['anthropic.claude-opus-4-7', undefined, ['top_k']],
  ])('top_k for %s is %j', (model, fields, params) => {
    const { body, dropped } = ask({ topK: 5, temperature: 1 }, model)
    expect([body.additionalModelRequestFields, Object.keys(dropped)]).toEqual([fields, params])
  })

  test('temperatures are clamped to what Bedrock takes', () => {
    const { body, dropped } = ask({ temperature: 1.7, topP: 0.9 }, 'meta.llama3-1-70b-instruct-v1:0')
    expect([body.inferenceConfig, Object.keys(dropped)]).toEqual([{ temperature: 1, topP: 0.9 }, ['temperature']])
  })

  test('a schema for the answer becomes the output format', () => {
    const schema = { type: 'object', additionalProperties: false }
    const { body, dropped } = ask({
      responseFormat: { type: 'json-schema', name: 'n', strict: true, schema, description: 'd' },
    })
    expect(body.outputConfig).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'n', description: 'd' } },
      },
    })
    expect(dropped).toEqual({})
  })
})

describe('how much to think, from another dialect', () => {
  const fields = (model: string, reasoning: ChatRequest['reasoning'], more: Partial<ChatRequest> = {}) => {
    const { body, dropped } = ask({ reasoning: reasoning!, ...more }, model)
    return [body.additionalModelRequestFields, Object.keys(dropped)]
  }
  const nova = 'us.amazon.nova-2-lite-v1:0'
  const budget = { thinking: { type: 'enabled', budget_tokens: 4096 } }

  test.each<[model: string, ChatRequest['reasoning'], unknown, string[]]>([
    [CLAUDE, { effort: 'medium' }, budget, []],
    [CLAUDE, { budgetTokens: 4096, summary: 'auto' }, { thinking: { ...budget.thinking, display: 'summarized' } }, []],
    [CLAUDE, { effort: 'none' }, { thinking: { type: 'disabled' } }, []],
    [
      'us.anthropic.claude-opus-4-8',
      { effort: 'low' },
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      [],
    ],
    [nova, { effort: 'minimal' }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } }, []],
    [nova, { effort: 'max' }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } }, ['reasoning']],
    [nova, { effort: 'none' }, { reasoningConfig: { type: 'disabled' } }, []],
    [nova, { budgetTokens: 5000 }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } }, []],
    [nova, { adaptive: true }, { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } }, []],
    [
      nova,
      { effort: 'low', summary: 'auto' },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      ['reasoning.summary'],
    ],
    ['openai.gpt-oss-120b-1:0', { effort: 'high' }, { reasoning_effort: 'high' }, []],
    ['openai.gpt-oss-120b-1:0', { effort: 'none' }, { reasoning_effort: 'low' }, ['reasoning']],
    [
      'us.openai.gpt-5.6-sol',
      { effort: 'xhigh', summary: 'auto' },
      { reasoning: { effort: 'xhigh', summary: 'auto' } },
      [],
    ],
    ['us.openai.gpt-5.6-sol', { effort: 'minimal' }, { reasoning: { effort: 'low' } }, []],
    ['meta.llama3-1-70b', { effort: 'low' }, undefined, ['reasoning']],
    ['meta.llama3-1-70b', { effort: 'none' }, undefined, []],
    [nova, { effort: 'utmost' }, undefined, ['reasoning']],
    [nova, { summary: 'auto' }, undefined, []],
  ])('%s: %j becomes %j', (model, reasoning, expected, params) => {
    expect(fields(model, reasoning)).toEqual([expected, params])
  })

  test('raises a limit within the budget, and gives no other', () => {
    const { body, dropped } = ask({ reasoning: { effort: 'medium' }, maxTokens: 1000, temperature: 0.3 })
    expect(body.inferenceConfig).toEqual({ maxTokens: 5096 })
    expect(Object.keys(dropped).sort()).toEqual(['max_tokens', 'temperature'])
    expect(ask({ reasoning: { effort: 'medium' } }).body).not.toHaveProperty('inferenceConfig')
  })

  test('Nova at its hardest sets its own bounds', () => {
    const { body, dropped } = ask(
      { reasoning: { effort: 'high' }, maxTokens: 10, temperature: 0, topP: 1, topK: 2 },
      nova,
    )
    expect(body).not.toHaveProperty('inferenceConfig')
    expect(Object.keys(dropped)).toEqual(['max_tokens', 'temperature', 'top_p', 'top_k'])
  })
})

describe('tools from another dialect', () => {
  test('get the schema type that Bedrock insists on, and nothing empty', () => {
    const tools: Tool[] = [
      { type: 'function', name: 'a', description: 'd', strict: true, cache: {} },
      {
        type: 'function',
        name: 'b',
        description: '',
        parameters: { properties: { x: {} }, type: 'object', $defs: {} },
      },
    ]
    expect(ask({ tools }).body.toolConfig).toEqual({
      tools: [
        { toolSpec: { name: 'a', description: 'd', inputSchema: { json: { type: 'object' } }, strict: true } },
        { cachePoint: { type: 'default' } },
        { toolSpec: { name: 'b', inputSchema: { json: { properties: { x: {} }, type: 'object', $defs: {} } } } },
      ],
    })
    const { body, dropped } = ask({ tools: tools.slice(0, 1) }, 'amazon.nova-pro-v1:0')
    expect(JSON.stringify(body)).not.toContain('strict')
    expect(Object.keys(dropped)).toEqual(['tools.strict', 'tools.cache_control'])
  })

  test.each<[Partial<ChatRequest>, unknown]>([
    [{ toolChoice: { type: 'auto' } }, { auto: {} }],
    [{ toolChoice: { type: 'required' } }, { any: {} }],
    [{ toolChoice: { type: 'tool', name: 'weather' } }, { tool: { name: 'weather' } }],
    [{}, undefined],
  ])('%j', (more, choice) => {
    expect(ask({ tools: [weather], ...more }).body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: 'weather', inputSchema: { json: { type: 'object', properties: {} } } } }],
      ...(choice === undefined ? {} : { toolChoice: choice }),
    })
  })

  test('that run at another provider are refused', () => {
    const tools: Tool[] = [weather, { type: 'raw', dialect: 'openai-responses', value: { type: 'file_search' } }]
    expect(() => ask({ tools })).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'tools[1]' }))
  })
})

describe('names and ids that Bedrock would refuse', () => {
  test('of tools are escaped, and come back from the model as they were', () => {
    const tools: Tool[] = [{ type: 'function', name: 'files.read' }]
    const { body } = ask({ tools, toolChoice: { type: 'tool', name: 'files.read' } })
    expect(body.toolConfig).toMatchObject({
      tools: [{ toolSpec: { name: 'files_u002e_read' } }],
      toolChoice: { tool: { name: 'files_u002e_read' } },
    })
    const call = { toolUse: { toolUseId: 'a', name: 'files_u002e_read', input: {} } }
    const { choices } = chat.decodeResponse({ output: { message: { content: [call] } } })
    expect(choices[0]!.parts[0]).toMatchObject({ name: 'files.read' })
  })

  test('of tools are allowed whatever they are, if not too long, and unescape to what they were', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(name, (original) => {
        const escaped = escapeToolName(original, 'name')
        expect(escaped).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
        expect(unescapeToolName(escaped)).toBe(original)
      }),
    )
    for (const known of ['my_unit_test', 'a_u0041_b', '_u00g0_', 'x_u002_']) expect(unescapeToolName(known)).toBe(known)
    for (const bad of ['', 'x'.repeat(65), '.'.repeat(10)])
      expect(() => escapeToolName(bad, 'tools[0].name')).toThrow(
        expect.objectContaining({ code: 'invalid_request', param: 'tools[0].name' }),
      )
  })

  test('of calls become allowed, the same always the same', () => {
    expect(toolUseId('call_1')).toBe('call_1')
    expect(toolUseId('functions.add:0')).toBe('functions_add_0')
    const [a, b] = ['a', 'b'].map((end) => toolUseId('x'.repeat(80) + end))
    expect(a).toMatch(/^[\w-]{64}$/)
    expect(a).not.toBe(b)
    expect(toolUseId('')).toMatch(/^[\w-]{1,64}$/)
  })
})
