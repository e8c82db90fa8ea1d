import type { Extensions, JsonObject } from '@sluice/core'
import fc from 'fast-check'
import { PLACE } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import { describe, expect, test } from 'vitest'
import { base, BODIES, user } from './bodies.ts'
import { chat, roundTrip } from './support.ts'

describe('an Anthropic request for an Anthropic target goes out as it came', () => {
  for (const [what, body] of Object.entries(BODIES)) {
    test(what, () => expect(roundTrip(body)).toEqual({ body, dropped: {} }))
  }

  test('but with the name of the target and a limit of tokens where it had none', () => {
    const { max_tokens: _, ...unlimited } = base
    const body = chat.encodeRequest(chat.decodeRequest(unlimited), { model: 'claude-opus-5', drop: () => undefined })
    expect(body).toEqual({ ...base, model: 'claude-opus-5', max_tokens: 4096 })
  })

  test('whatever mixture of fields it has', () => {
    const fields = Object.values(BODIES)
    fc.assert(
      fc.property(fc.subarray(fields), (chosen) => {
        const body = Object.assign({ ...base }, ...chosen) as JsonObject
        expect(roundTrip(body).body).toEqual(body)
      }),
    )
  })
})

describe('a request means in the canonical model what it says', () => {
  test('its system prompt is the first message', () => {
    const { messages } = chat.decodeRequest({ ...base, system: 'Be brief.' })
    expect(messages.map(({ role, parts }) => [role, parts])).toEqual([
      ['system', [{ type: 'text', text: 'Be brief.' }]],
      ['user', [{ type: 'text', text: 'Hi' }]],
    ])
  })

  test('thinking, effort and format have canonical words', () => {
    const decode = (more: JsonObject) => chat.decodeRequest({ ...base, ...more })
    expect(decode({ thinking: { type: 'enabled', budget_tokens: 2048 } }).reasoning).toEqual({ budgetTokens: 2048 })
    expect(decode({ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }).reasoning).toEqual({
      adaptive: true,
      effort: 'low',
    })
    expect(decode({ thinking: { type: 'disabled' } }).reasoning).toEqual({ effort: 'none' })
    expect(decode(BODIES['a format']!).responseFormat).toMatchObject({
      type: 'json-schema',
      schema: { type: 'object' },
    })
    expect(decode({ tool_choice: { type: 'any', disable_parallel_tool_use: true } })).toMatchObject({
      toolChoice: { type: 'required' },
      parallelToolCalls: false,
    })
    expect(decode({ metadata: { user_id: 'u1' } }).user).toBe('u1')
    expect(decode({ stream: true }).includeUsage).toBe(true)
  })

  test('how it is spelled is no parameter that another dialect could lose', () => {
    const list = [{ type: 'text', text: 'Hi' }]
    const result = { type: 'tool_result', tool_use_id: 'a', content: list }
    const { messages, responseFormat, extensions } = chat.decodeRequest({
      ...base,
      stream: false,
      system: list,
      messages: [
        { role: 'user', content: list },
        { role: 'user', content: [result, result] },
        { role: 'system', content: 'Be brief.' },
      ],
      output_format: { type: 'json_schema', schema: { type: 'object' } },
    })
    const holders = [{ extensions }, responseFormat, ...messages, ...messages.flatMap(({ parts }) => parts)]
    for (const holder of holders) {
      const { anthropic = {} } = (holder as { extensions?: Extensions }).extensions ?? {}
      expect(Object.keys(anthropic)).toEqual([])
    }
  })

  test('a document has a name, and a tool its arguments as text', () => {
    const parts = (body: JsonObject) => chat.decodeRequest(body).messages.flatMap((message) => message.parts)
    expect(parts(BODIES.documents!)[0]).toMatchObject({ type: 'file', name: 'a.pdf', source: { kind: 'base64' } })
    const call = parts(BODIES['a conversation with thinking and tools']!).find((part) => part.type === 'tool-call')
    expect(call).toMatchObject({ id: 'toolu_1', name: 'weather', arguments: '{"city":"Köln"}' })
  })
})

describe('a request of the wrong shape is the client’s mistake and names the field', () => {
  const wrong: [param: string, body: JsonObject][] = [
    ['model', { ...base, model: 5 }],
    ['messages', { ...base, messages: 'Hi' }],
    ['messages[0]', { ...base, messages: ['Hi'] }],
    ['messages[0].role', { ...base, messages: [{ role: 'tool', content: 'Hi' }] }],
    ['messages[0].content', { ...base, messages: [{ role: 'user' }] }],
    ['messages[0].content[1]', user({ type: 'text', text: 'x' }, [] as unknown as JsonObject)],
    ['messages[0].content[0].type', user({ text: 'x' })],
    ['messages[0].content[0].text', user({ type: 'text' })],
    ['messages[0].content[0].source', user({ type: 'image', source: 'x' })],
    [
      'messages[0].content[0].source.data',
      user({ type: 'image', source: { type: 'base64', media_type: 'image/png' } }),
    ],
    ['messages[0].content[0].input', user({ type: 'tool_use', id: 'a', name: 'b', input: 'x' })],
    [
      'messages[0].content[0].content[0].text',
      user({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }),
    ],
    ['messages[0].content[0].cache_control', user({ type: 'text', text: 'x', cache_control: 5 })],
    ['system', { ...base, system: 5 }],
    ['max_tokens', { ...base, max_tokens: '5' }],
    ['stream', { ...base, stream: 'yes' }],
    ['stop_sequences[1]', { ...base, stop_sequences: ['a', 1] }],
    ['tools[0].name', { ...base, tools: [{ input_schema: {} }] }],
    ['tool_choice', { ...base, tool_choice: 'auto' }],
    ['tool_choice.name', { ...base, tool_choice: { type: 'tool' } }],
    ['thinking', { ...base, thinking: true }],
    ['output_config.format.schema', { ...base, output_config: { format: { type: 'json_schema' } } }],
    ['metadata.user_id', { ...base, metadata: { user_id: 1 } }],
  ]
  test.each(wrong)('%s', (param, body) => {
    expect(() => chat.decodeRequest(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('whatever is sent, nothing else is thrown', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(BODIES['the rest of the API']!), 'system', 'tools', 'thinking'),
          fc.jsonValue(),
        ),
        (more) => {
          survives(() => roundTrip({ ...base, ...more }), 'invalid_request')
        },
      ),
    )
  })
})

describe('inspecting a body', () => {
  const inspect = (body: JsonObject, text = JSON.stringify(body)) => chat.inspect(body, Buffer.from(text), PLACE)

  test('tells model and stream mode', () => {
    expect(inspect({ ...base, stream: true })).toEqual({ model: base.model, stream: true })
    expect(inspect(base)).toEqual({ model: base.model, stream: false })
  })

  test.each([
    ['model', { messages: base.messages }],
    ['model', { ...base, model: '' }],
    ['messages', { model: 'm' }],
    ['messages', { ...base, messages: [] }],
    ['stream', { ...base, stream: 1 }],
  ])('refuses a wrong %s', (param, body: JsonObject) => {
    expect(() => inspect(body)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('refuses a model that stands there twice, as readers differ in which one counts', () => {
    expect(() => inspect(base, `{"model":"cheap",${JSON.stringify(base).slice(1)}`)).toThrow(
      expect.objectContaining({ param: 'model' }),
    )
  })

  test('another model can be put in without touching another byte', () => {
    const bytes = chat.withModel(Buffer.from('{ "messages":[{"model":"x"}],\n "model" : "a" , "n":1.0}'), 'b"')
    expect(bytes.toString()).toBe('{ "messages":[{"model":"x"}],\n "model" : "b\\"" , "n":1.0}')
  })
})
