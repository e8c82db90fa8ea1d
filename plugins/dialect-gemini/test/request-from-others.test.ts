import type { ChatRequest, JsonObject, Tool } from '@sluice/core'
import { FOREIGN_PARAMETERS, requestOf, says } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { encodeFor } from './support.ts'

const hi = says('user', 'Hi')
const ask = (more: Partial<ChatRequest>) => encodeFor('gemini-2.5-flash', requestOf([hi], more))
const schema = { type: 'object', properties: { city: { type: 'string' } }, additionalProperties: false, $defs: {} }
const weather: Tool = { type: 'function', name: 'weather', description: 'W', parameters: schema }

describe('parameters from another dialect', () => {
  test('go along where Gemini has them', () => {
    const { body, dropped } = ask({
      stream: true,
      includeUsage: true,
      temperature: 1.5,
      topP: 0.5,
      topK: 4,
      maxTokens: 7,
      stop: ['END'],
      seed: 1,
      n: 2,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: true,
      topLogprobs: 3,
      serviceTier: 'default',
      parallelToolCalls: true,
    })
    expect(body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      generationConfig: {
        temperature: 1.5,
        topP: 0.5,
        topK: 4,
        maxOutputTokens: 7,
        stopSequences: ['END'],
        seed: 1,
        candidateCount: 2,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        responseLogprobs: true,
        logprobs: 3,
      },
      serviceTier: 'standard',
    })
    expect(dropped).toEqual({})
  })

  const reported: (readonly [params: string[], Partial<ChatRequest>])[] = [
    ...FOREIGN_PARAMETERS,
    [['user'], { user: 'u1' }],
    [['metadata'], { metadata: { a: 'b' } }],
    [['parallel_tool_calls'], { parallelToolCalls: false }],
    [['service_tier'], { serviceTier: 'scale' }],
    [['stop'], { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }],
    [['tools.strict', 'cache_control'], { tools: [{ ...weather, strict: true, cache: {} }] }],
    [['response_format.description'], { responseFormat: { type: 'json-schema', schema, description: 'd' } }],
    // What says only what holds anyway is no loss.
    [[], { serviceTier: 'auto', stop: [], tools: [], toolChoice: { type: 'auto' }, responseFormat: { type: 'text' } }],
  ]
  test.each(reported)('%j are reported', (params, more) => {
    const { body, dropped } = ask(more)
    expect(Object.keys(dropped)).toEqual(params)
    for (const field of ['user', 'metadata', 'labels', 'logit_bias', 'toolConfig', 'serviceTier']) {
      expect(body).not.toHaveProperty(field)
    }
  })

  test('of more stop sequences than five, the first five go along', () => {
    expect(ask({ stop: ['a', '', 'b', 'c', 'd', 'e', 'f'] }).body.generationConfig).toEqual({
      stopSequences: ['a', 'b', 'c', 'd', 'e'],
    })
  })

  test.each<[Partial<ChatRequest>, JsonObject]>([
    [{ responseFormat: { type: 'json' } }, { responseMimeType: 'application/json' }],
    [
      { responseFormat: { type: 'json-schema', name: 'n', strict: true, schema } },
      { responseMimeType: 'application/json', responseJsonSchema: schema },
    ],
  ])('%j', (more, config) =>
    expect(ask(more)).toEqual({ body: expect.objectContaining({ generationConfig: config }), dropped: {} }),
  )
})

describe('tools from another dialect', () => {
  test('are declared together, their schemas untouched', () => {
    const { body } = ask({ tools: [weather, { type: 'function', name: 'now' }] })
    expect(body.tools).toEqual([
      {
        functionDeclarations: [{ name: 'weather', description: 'W', parametersJsonSchema: schema }, { name: 'now' }],
      },
    ])
  })

  test.each<[Partial<ChatRequest>, JsonObject]>([
    [{ toolChoice: { type: 'auto' } }, { mode: 'AUTO' }],
    [{ toolChoice: { type: 'none' } }, { mode: 'NONE' }],
    [{ toolChoice: { type: 'required' } }, { mode: 'ANY' }],
    [{ toolChoice: { type: 'tool', name: 'weather' } }, { mode: 'ANY', allowedFunctionNames: ['weather'] }],
  ])('%j', (more, calling) =>
    expect(ask({ tools: [weather], ...more }).body.toolConfig).toEqual({ functionCallingConfig: calling }),
  )

  test('that run at another provider are refused', () => {
    const tools: Tool[] = [weather, { type: 'raw', dialect: 'anthropic', value: { type: 'web_search_20250305' } }]
    expect(() => ask({ tools })).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'tools[1]' }))
  })
})
