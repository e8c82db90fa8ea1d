import type { Extensions, JsonObject } from '@sluice/core'
import fc from 'fast-check'
import { PLACE } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { base, BODIES, SPELLINGS, user } from './bodies.ts'
import { chat, encodeFor, roundTrip } from './support.ts'

describe('a Gemini request for a Gemini target goes out as it came', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    test(what, () => expect(roundTrip(body)).toEqual({ body, dropped: {} }))
  }

  test('whatever mixture of fields it has', () => {
    const fields = Object.values(BODIES)
    fc.assert(
      fc.property(fc.subarray(fields), (chosen) => {
        const body = Object.assign({ ...base }, ...chosen) as JsonObject
        expect(roundTrip(body).body).toEqual(body)
      }),
    )
  })

  for (const [what, [snake, camel]] of Object.entries(SPELLINGS)) {
    test(`in snake_case, too, if not in its spelling: ${what}`, () => {
      expect(roundTrip(snake).body).toEqual(camel)
      expect(chat.decodeRequest(snake)).toEqual(chat.decodeRequest(camel))
    })
  }
})

describe('a request means in the canonical model what it says', () => {
  const decode = (what: string) => chat.decodeRequest(BODIES[what]!)

  test('its system instruction is the first message', () => {
    expect(decode('a system instruction').messages).toMatchObject([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    ])
  })

  test('results answer the calls of their functions, in order, where there are no ids', () => {
    const parts = decode('a conversation with thoughts, calls and results').messages.flatMap((message) => message.parts)
    const calls = parts.filter((part) => part.type === 'tool-call')
    const results = parts.filter((part) => part.type === 'tool-result')
    expect(calls.map(({ id, name, arguments: args }) => [id, name, args])).toEqual([
      ['call_0', 'weather', '{"city":"Köln"}'],
      ['call_1', 'weather', '{}'],
      ['call_2', 'now', '{}'],
      ['own-id', 'now', '{}'],
    ])
    expect(results.map(({ callId }) => callId)).toEqual(['call_0', 'call_1', 'call_2', 'own-id', 'result_3'])
    expect(results.map(({ content: [text] }) => text?.type === 'text' && text.text)).toEqual([
      '12 °C',
      '{"temperature":12}',
      'No clock.',
      '{"hour":12}',
      '{}',
    ])
    expect(results.map(({ isError }) => isError)).toEqual([undefined, undefined, true, undefined, undefined])
    expect(results[3]!.content.slice(1).map(({ type }) => type)).toEqual(['image', 'file'])
  })

  test('a result that names another id answers by its function all the same', () => {
    const call = { functionCall: { name: 'f', args: {} } }
    const result = { functionResponse: { id: 'made-up', name: 'f', response: { output: 'x' } } }
    const body = { contents: [...base.contents, { role: 'model', parts: [call] }, { role: 'user', parts: [result] }] }
    const [, , answer] = chat.decodeRequest(body).messages
    expect(answer!.parts[0]).toMatchObject({ callId: 'call_0' })
    expect(roundTrip(body).body).toEqual(body)
  })

  test('signatures are where other dialects look for them', () => {
    const [, model] = decode('a conversation with thoughts, calls and results').messages
    expect(model!.parts.slice(0, 4)).toMatchObject([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'reasoning', text: 'Aha.', signature: 'c2ln' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool-call', signature: 'Y2FsbA==' },
    ])
  })

  test('media are what their types say, in the alphabet of base64 that everybody reads', () => {
    const parts = decode('media').messages[0]!.parts as { type: string; source: unknown }[]
    expect(parts.map(({ type }) => type)).toEqual([
      'image',
      'image',
      'audio',
      'file',
      'image',
      'image',
      'image',
      'image',
      'video',
      'file',
    ])
    expect(parts[1]!.source).toMatchObject({ data: '//+/AA==' })
    expect(parts[5]!.source).toEqual({ kind: 'url', url: 'https://example.com/a.png' })
    expect(parts[7]!.source).toMatchObject({ mediaType: 'image/webp' })
  })

  test('schemas of OpenAPI become JSON Schema', () => {
    const [first] = decode('tools').tools!
    expect(first).toMatchObject({
      name: 'a',
      parameters: {
        type: ['object', 'null'],
        properties: { city: { type: 'string', maxLength: 9 }, tags: { type: 'array', items: { type: 'string' } } },
      },
    })
    expect(first).not.toHaveProperty('parameters.propertyOrdering')
    expect(decode('a schema of OpenAPI').responseFormat).toMatchObject({
      type: 'json-schema',
      schema: { type: ['object', 'null'] },
    })
  })

  test('what Google runs is a raw tool beside the functions', () => {
    const names = decode('tools').tools!.map((tool) => (tool.type === 'raw' ? Object.keys(tool.value) : tool.name))
    expect(names).toEqual([
      'a',
      'b',
      'c',
      'd',
      ['googleSearch'],
      'e',
      ['urlContext'],
      ['codeExecution', 'googleMaps'],
      ['functionDeclarations'],
    ])
  })

  test.each([
    ['the model’s choice', { type: 'auto' }],
    ['no call', { type: 'none' }],
    ['any call', { type: 'required' }],
    ['one function', { type: 'tool', name: 'a' }],
    ['one of some functions', { type: 'required' }],
    ['calls that keep to their schema', { type: 'auto' }],
    ['no mode', undefined],
  ])('%s', (what, choice) => expect(decode(what).toolChoice).toEqual(choice))

  test.each([
    ['a budget', { budgetTokens: 1024, summary: 'auto' }],
    ['no thinking', { effort: 'none' }],
    ['thinking as the model likes', { adaptive: true }],
    ['a level', { effort: 'high' }],
    ['a level in small letters', { effort: 'low' }],
  ])('%s', (what, reasoning) => expect(decode(what).reasoning).toMatchObject(reasoning))

  test('how it is spelled is no parameter that another dialect could lose', () => {
    for (const what of [
      'nulls',
      'nulls in the config',
      'an empty config',
      'any call',
      'json',
      'a schema of OpenAPI',
      'sampling',
    ]) {
      expect([what, Object.keys(decode(what).extensions.gemini!)]).toEqual([what, []])
    }
    const conversation = decode('a conversation with thoughts, calls and results').messages
    const kept = conversation
      .flatMap(({ parts }) => parts)
      .flatMap((part) => {
        return Object.keys((part as { extensions?: Extensions }).extensions?.gemini ?? {})
      })
    expect(kept).toEqual(['thoughtSignature', 'functionCall', 'functionResponse'])
  })

  test('what has no canonical word is named', () => {
    expect(Object.keys(decode('the rest of the API').extensions.gemini!)).toEqual(
      Object.keys(BODIES['the rest of the API']!).filter((field) => field !== 'contents'),
    )
    expect(decode('calls that keep to their schema').extensions.gemini).toHaveProperty('toolConfig')
    expect(decode('what the model has no word for').extensions.gemini).toHaveProperty('generationConfig')
    expect(chat.vital).toContain('cachedContent')
  })
})

describe('what a plugin changed in a Gemini request holds', () => {
  const change = (what: string, more: object): JsonObject => {
    return encodeFor('gemini-2.5-flash', { ...chat.decodeRequest(BODIES[what]!), ...more }).body
  }

  test('a choice of tools', () => {
    expect(change('one of some functions', { toolChoice: { type: 'none' } }).toolConfig).toEqual({
      functionCallingConfig: { mode: 'NONE' },
    })
  })

  test('a schema', () => {
    const schema = { type: 'object' }
    const config = change('a schema of OpenAPI', { responseFormat: { type: 'json-schema', schema } }).generationConfig
    expect(config).toEqual({ responseMimeType: 'application/json', responseJsonSchema: schema })
  })

  test('thinking, limits and tiers', () => {
    expect(change('a level', { reasoning: { effort: 'low' }, maxTokens: 5 }).generationConfig).toEqual({
      thinkingConfig: { thinkingLevel: 'LOW' },
      maxOutputTokens: 5,
    })
    expect(change('a tier', { serviceTier: 'default' }).serviceTier).toBe('standard')
  })

  test('a result of a function', () => {
    const request = chat.decodeRequest(BODIES['a conversation with thoughts, calls and results']!)
    const result = request.messages[2]!.parts[1]!
    if (result.type === 'tool-result') result.content = [{ type: 'text', text: 'redacted' }]
    const { contents } = encodeFor('gemini-2.5-flash', request).body as { contents: { parts: JsonObject[] }[] }
    expect(contents[2]!.parts[1]).toEqual({
      functionResponse: { name: 'weather', response: { output: 'redacted' } },
    })
  })

  test('a tool more is declared with the others', () => {
    const request = chat.decodeRequest({ ...base, tools: [{ functionDeclarations: [{ name: 'a' }] }] })
    request.tools!.push({ type: 'function', name: 'b' })
    expect(encodeFor('gemini-2.5-flash', request).body.tools).toEqual([
      { functionDeclarations: [{ name: 'a' }, { name: 'b' }] },
    ])
  })
})

describe('a request of the wrong shape is the client’s mistake and names the field', () => {
  const config = (generationConfig: unknown): JsonObject => ({ ...base, generationConfig })
  const wrong: [param: string, body: JsonObject][] = [
    ['contents', { contents: 'Hi' }],
    ['contents[0]', { contents: ['Hi'] }],
    ['contents[0].role', { contents: [{ role: 'system', parts: [] }] }],
    ['contents[0].role', { contents: [{ role: 1, parts: [] }] }],
    ['contents[0].parts', { contents: [{ role: 'user', parts: 'Hi' }] }],
    ['contents[0].parts[1]', user({ text: 'x' }, 'y' as unknown as JsonObject)],
    ['contents[0].parts[0].text', user({ text: 1 })],
    ['contents[0].parts[0].inlineData', user({ inlineData: 'x' })],
    ['contents[0].parts[0].inlineData.data', user({ inlineData: { mimeType: 'image/png' } })],
    ['contents[0].parts[0].inlineData.mimeType', user({ inline_data: { data: 'AA==' } })],
    ['contents[0].parts[0].fileData.fileUri', user({ fileData: {} })],
    ['contents[0].parts[0].functionCall.name', user({ functionCall: { args: {} } })],
    ['contents[0].parts[0].functionCall.args', user({ functionCall: { name: 'f', args: '{}' } })],
    ['contents[0].parts[0].functionResponse.response', user({ functionResponse: { name: 'f', response: 'x' } })],
    [
      'contents[0].parts[0].functionResponse.parts[0].inlineData.data',
      user({ functionResponse: { name: 'f', parts: [{ inlineData: { mimeType: 'image/png' } }] } }),
    ],
    ['contents[0].parts[0].thoughtSignature', user({ text: '', thoughtSignature: 1 })],
    ['contents[0].parts[0].thought_signature', user({ text: '', thoughtSignature: 'a', thought_signature: 'b' })],
    ['systemInstruction', { ...base, systemInstruction: 'Be brief.' }],
    ['generationConfig', config('x')],
    ['generationConfig.temperature', config({ temperature: '1' })],
    ['generationConfig.stopSequences[1]', config({ stopSequences: ['a', 1] })],
    ['generationConfig.responseSchema', config({ responseMimeType: 'application/json', responseSchema: [] })],
    ['generationConfig.thinkingConfig.thinkingBudget', config({ thinkingConfig: { thinkingBudget: -2 } })],
    ['generationConfig.thinkingConfig.thinkingLevel', config({ thinkingConfig: { thinkingLevel: 3 } })],
    ['tools', { ...base, tools: {} }],
    ['tools[0].functionDeclarations', { ...base, tools: [{ functionDeclarations: {} }] }],
    ['tools[0].functionDeclarations[0].name', { ...base, tools: [{ functionDeclarations: [{}] }] }],
    ['toolConfig.functionCallingConfig.mode', { ...base, toolConfig: { functionCallingConfig: { mode: 1 } } }],
    [
      'toolConfig.functionCallingConfig.allowedFunctionNames',
      { ...base, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [1] } } },
    ],
    ['serviceTier', { ...base, serviceTier: 1 }],
  ]
  test.each(wrong)('%s', (param, body) => {
    expect(() => chat.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('whatever is sent, nothing else is thrown', () => {
    const names = ['systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'contents', 'serviceTier']
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (more) => {
        survives(() => roundTrip({ ...base, ...more }), 'invalid_request')
      }),
    )
  })
})

describe('inspecting a body', () => {
  const inspect = (body: JsonObject, method = 'generateContent', model = 'fast') =>
    chat.inspect(body, Buffer.from(JSON.stringify(body)), {
      path: `/v1beta/models/${model}:${method}`,
      params: { model },
    })

  test('tells model and stream mode from the path', () => {
    expect(inspect(base)).toEqual({ model: 'fast', stream: false })
    expect(inspect(base, 'streamGenerateContent')).toEqual({ model: 'fast', stream: true })
    expect(inspect(base, 'generateContent', 'a:streamGenerateContent')).toMatchObject({ stream: false })
  })

  test('lets the body name the same model, and no other', () => {
    expect(inspect({ ...base, model: 'models/fast' }).model).toBe('fast')
    for (const model of ['models/other', 'other', 5]) {
      expect(() => inspect({ ...base, model })).toThrow(expect.objectContaining({ param: 'model' }))
    }
  })

  test.each([
    ['contents', {}],
    ['contents', { contents: [] }],
    ['contents', { contents: 'Hi' }],
  ])('refuses wrong %s', (param, body: JsonObject) => {
    expect(() => inspect(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('needs a model in the path', () => {
    expect(() => chat.inspect(base, Buffer.alloc(0), { ...PLACE, params: {} })).toThrow(
      expect.objectContaining({ param: 'model' }),
    )
  })

  test('another model leaves the bytes as they are', () => {
    const bytes = Buffer.from('{"contents":[]}')
    expect(chat.withModel(bytes, 'other')).toBe(bytes)
  })
})
