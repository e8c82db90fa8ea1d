import type { JsonObject } from '@sluice/core'
import { survives } from '@sluice/dialect-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base, BODIES, user } from './bodies.ts'
import { chat, encodeFor, roundTrip } from './support.ts'

describe('a Bedrock request for a Bedrock target goes out as it came', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    test(what, () => expect(roundTrip(body)).toEqual({ body, dropped: {} }))
  }

  test('whatever mixture of fields it has', () => {
    fc.assert(
      fc.property(fc.subarray(Object.values(BODIES)), (chosen) => {
        const body = Object.assign({ ...base }, ...chosen) as JsonObject
        expect(roundTrip(body).body).toEqual(body)
      }),
    )
  })
})

describe('a request means in the canonical model what it says', () => {
  const partsOf = (body: JsonObject) => chat.decodeRequest(body).messages.flatMap(({ parts }) => parts)

  test('its system prompt is the first message', () => {
    const { messages } = chat.decodeRequest({ ...base, system: [{ text: 'Be brief.' }] })
    expect(messages.map(({ role, parts }) => [role, parts])).toEqual([
      ['system', [{ type: 'text', text: 'Be brief.' }]],
      ['user', [{ type: 'text', text: 'Hi' }]],
    ])
  })

  test('cache points are hints of what stands before them', () => {
    expect(partsOf(user({ text: 'A' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'B' }))).toEqual([
      { type: 'text', text: 'A', cache: { ttl: '1h' } },
      { type: 'text', text: 'B' },
    ])
    expect(chat.decodeRequest(BODIES.tools!).tools![1]).toMatchObject({ name: 'a', cache: { ttl: '1h' } })
  })

  test.each<[string, object]>([
    ['Claude thinks with a budget', { reasoning: { budgetTokens: 1024 }, topK: 5 }],
    ['Claude thinks as it likes', { reasoning: { adaptive: true, effort: 'max', summary: 'auto' } }],
    ['Claude does not think', { reasoning: { effort: 'none' } }],
    ['Nova thinks', { reasoning: { effort: 'low' }, topK: 20 }],
    ['Nova does not think', { reasoning: { effort: 'none' } }],
    ['gpt-oss thinks', { reasoning: { effort: 'high' } }],
    ['GPT thinks', { reasoning: { effort: 'none', summary: 'auto' } }],
    ['Command takes the best', { topK: 3 }],
    ['an effort in Bedrock’s own words', { reasoning: { effort: 'high' } }],
    ['an effort beside a budget', { reasoning: { effort: 'xhigh', budgetTokens: 2048 } }],
    ['an effort twice', { reasoning: { effort: 'high' } }],
    ['any tool', { toolChoice: { type: 'required' } }],
    ['one tool', { toolChoice: { type: 'tool', name: 'a' } }],
    ['sampling and stops', { maxTokens: 100, temperature: 0, topP: 0.9, stop: ['\n', 'END'] }],
    ['the rest of the API', { metadata: { team: 'a' }, serviceTier: 'flex' }],
    ['a format', { responseFormat: { type: 'json-schema', schema: { type: 'object' }, name: 'n', description: 'd' } }],
  ])('%s', (what, meaning) => expect(chat.decodeRequest(BODIES[what]!)).toMatchObject(meaning))

  test('media, calls and results have canonical words', () => {
    expect(partsOf(BODIES.documents!)[0]).toMatchObject({
      type: 'file',
      name: 'a',
      source: { kind: 'base64', mediaType: 'application/pdf' },
    })
    expect(partsOf(BODIES.images!)[1]).toMatchObject({
      source: { kind: 'url', url: 's3://b/a.jpg', mediaType: 'image/jpeg' },
    })
    expect(partsOf(BODIES.clips!)[1]).toMatchObject({ type: 'video', source: { mediaType: 'video/3gpp' } })
    const parts = partsOf(BODIES['a conversation with thinking and tools']!)
    const ofType = (type: string) => parts.filter((part) => part.type === type)
    expect(ofType('tool-call')[0]).toMatchObject({ id: 'tooluse_1', name: 'weather', arguments: '{"city":"Köln"}' })
    expect(ofType('tool-result').slice(0, 3)).toMatchObject([
      {
        callId: 'tooluse_1',
        content: [{ text: '12 °C' }, { type: 'text', text: '{"b":[1,null],"a":"x"}' }, { type: 'image' }],
      },
      { isError: true, content: [] },
      { isError: false },
    ])
    expect(ofType('text').slice(1, 3)).toMatchObject([
      { text: 'Cited.', citations: [{ title: 't', quote: 'q' }] },
      { text: 'In two.', citations: [] },
    ])
    expect(ofType('reasoning')).toMatchObject([
      { text: 'Hm.', signature: 'c2ln' },
      { text: '' },
      { redacted: 'ZGF0YQ==' },
    ])
    // Calls and results of tools that run at the provider are not the client's.
    expect(ofType('raw')).toHaveLength(3)
  })

  test('what a plugin changes is what goes out', () => {
    const request = chat.decodeRequest(BODIES['Claude thinks with a budget']!)
    const changed = { ...request, reasoning: { budgetTokens: 4096 }, topK: 7, temperature: 0.5 }
    expect(encodeFor('anthropic.claude-sonnet-4-5', changed).body).toEqual({
      ...base,
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 4096 }, top_k: 7 },
      inferenceConfig: { temperature: 0.5 },
    })
    const schema = { type: 'object', properties: { a: {} } }
    const formatted = chat.decodeRequest(BODIES['a format written with spaces']!)
    const { body } = encodeFor('m', { ...formatted, responseFormat: { ...formatted.responseFormat!, schema } as never })
    expect(JSON.stringify(body.outputConfig)).toContain(JSON.stringify(JSON.stringify(schema)))
    const plainRequest = chat.decodeRequest(base)
    expect(encodeFor('meta.llama3', { ...plainRequest, reasoning: { effort: 'low' } }).dropped).toHaveProperty(
      'reasoning',
    )
  })

  test('how it is spelled is no parameter that another dialect could lose', () => {
    for (const what of ['the least', 'empty objects', 'Nova thinks', 'an effort in Bedrock’s own words', 'a format']) {
      const { extensions } = chat.decodeRequest(BODIES[what]!)
      expect(Object.keys(extensions.bedrock!)).toEqual([])
    }
  })

  test('without its guardrail or its prompt it would mean something else', () => {
    expect(chat.vital).toEqual(['guardrailConfig', 'promptVariables'])
  })
})

describe('a request of the wrong shape is the client’s mistake and names the field', () => {
  const wrong: [param: string, body: JsonObject][] = [
    ['messages', { messages: 'Hi' }],
    ['messages[0]', { messages: ['Hi'] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: [] }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 'Hi' }] }],
    ['messages[0].content[1]', user({ text: 'x' }, 'x')],
    ['messages[0].content[0]', user({})],
    ['messages[0].content[0].text', user({ text: 5 })],
    ['messages[0].content[0].image', user({ image: 'x' })],
    ['messages[0].content[0].image.source', user({ image: { format: 'png' } })],
    ['messages[0].content[0].image.source.bytes', user({ image: { format: 'png', source: { bytes: 5 } } })],
    [
      'messages[0].content[0].image.source.s3Location.uri',
      user({ image: { format: 'png', source: { s3Location: {} } } }),
    ],
    ['messages[0].content[0].toolUse.input', user({ toolUse: { toolUseId: 'a', name: 'b' } })],
    ['messages[0].content[0].toolUse.name', user({ toolUse: { toolUseId: 'a', input: {} } })],
    ['messages[0].content[0].toolResult.toolUseId', user({ toolResult: { content: [] } })],
    ['messages[0].content[0].toolResult.content[0]', user({ toolResult: { toolUseId: 'a', content: ['x'] } })],
    ['messages[0].content[0].reasoningContent.reasoningText.text', user({ reasoningContent: { reasoningText: {} } })],
    ['system', { ...base, system: 'Be brief.' }],
    ['inferenceConfig', { ...base, inferenceConfig: 5 }],
    ['inferenceConfig.maxTokens', { ...base, inferenceConfig: { maxTokens: '5' } }],
    ['inferenceConfig.stopSequences[1]', { ...base, inferenceConfig: { stopSequences: ['a', 1] } }],
    ['toolConfig.tools[0].toolSpec.name', { ...base, toolConfig: { tools: [{ toolSpec: {} }] } }],
    ['toolConfig.toolChoice', { ...base, toolConfig: { toolChoice: 'auto' } }],
    ['additionalModelRequestFields', { ...base, additionalModelRequestFields: [] }],
    [
      'outputConfig.textFormat.structure.jsonSchema.schema',
      { ...base, outputConfig: { textFormat: { structure: { jsonSchema: { schema: '{' } } } } },
    ],
    ['requestMetadata', { ...base, requestMetadata: 'x' }],
  ]
  test.each(wrong)('%s', (param, body) => {
    expect(() => chat.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('whatever is sent, nothing else is thrown', () => {
    const field = fc.constantFrom(
      ...Object.keys(BODIES['empty objects']!),
      ...Object.keys(BODIES['the rest of the API']!),
      'promptVariables',
    )
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), fc.array(fc.jsonValue()), (more, content) => {
        for (const body of [{ ...base, ...more }, user(...content)]) {
          survives(() => roundTrip(body), 'invalid_request')
        }
      }),
    )
  })
})

describe('inspecting a request', () => {
  const inspect = (path: string, model: string | undefined, body: JsonObject = base) =>
    chat.inspect(body, Buffer.from(JSON.stringify(body)), { path, params: { model } })

  test('tells model and stream mode from its path', () => {
    expect(inspect('/model/a/converse', 'a')).toEqual({ model: 'a', stream: false })
    expect(inspect('/model/a/converse-stream', 'a')).toEqual({ model: 'a', stream: true })
    expect(inspect('/model/a/Converse-Stream/', 'a')).toEqual({ model: 'a', stream: true })
    expect(inspect('/model/converse-stream/converse', 'converse-stream')).toMatchObject({ stream: false })
    expect(inspect('/model/a/converse', 'a', { promptVariables: {} })).toMatchObject({ model: 'a' })
  })

  test('refuses what every upstream would', () => {
    expect(() => inspect('/model//converse', '')).toThrow(expect.objectContaining({ param: 'modelId' }))
    expect(() => inspect('/model/a/converse', 'a', { messages: 'Hi' })).toThrow(
      expect.objectContaining({ param: 'messages' }),
    )
  })

  test('another model leaves the bytes as they are', () => {
    const bytes = Buffer.from('{ "messages": [] }')
    expect(chat.withModel(bytes, 'b')).toBe(bytes)
  })
})
