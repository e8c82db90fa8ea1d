import { GatewayError } from '@sluice/core'
import type { Dialect } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { openaiChat, openaiDialect, openaiResponses } from '../src/index.ts'

const models = [
  { name: 'fast', owners: ['groq', 'openai'], created: 7 },
  { name: 'openai/gpt-5.1', owners: [], created: 8 },
]
const answer = (path: string, params: { [name: string]: string } = {}): unknown =>
  openaiChat.endpoints.find((endpoint) => endpoint.path === path)!.answer!({ models }, params)

test('the model list is a list of model objects', () => {
  expect(answer('/v1/models')).toEqual({
    object: 'list',
    data: [
      { id: 'fast', object: 'model', created: 7, owned_by: 'groq' },
      { id: 'openai/gpt-5.1', object: 'model', created: 8, owned_by: 'sluice' },
    ],
  })
})

test('a model is found by a name with a slash', () => {
  expect(answer('/v1/models/{*id}', { id: 'openai/gpt-5.1' })).toMatchObject({ id: 'openai/gpt-5.1' })
})

test('an unknown model is not found', () => {
  expect(() => answer('/v1/models/{*id}', { id: 'none' })).toThrow(
    expect.objectContaining({ code: 'model_not_found', status: 404 }),
  )
  expect(() => answer('/v1/models/{*id}')).toThrow(GatewayError)
})

describe('where clients of Azure ask', () => {
  const pathsOf = ({ endpoints }: Dialect): string[] =>
    endpoints.filter(({ operation }) => operation === 'chat').map(({ method, path }) => `${method} ${path}`)

  test('both APIs are found', () => {
    expect(pathsOf(openaiChat)).toEqual([
      'POST /v1/chat/completions',
      'POST /openai/v1/chat/completions',
      'POST /openai/deployments/:deployment/chat/completions',
    ])
    expect(pathsOf(openaiResponses)).toEqual(['POST /v1/responses', 'POST /openai/v1/responses'])
  })

  const chat = openaiChat.codecs.chat!
  const body = { messages: [{ role: 'user', content: 'the "model":' }] }
  const bytes = Buffer.from(JSON.stringify(body))
  const place = { path: '/', params: { deployment: 'gpt-4o' } }

  test('a body without a model means the deployment, and is given the name of the target', () => {
    expect(chat.inspect(body, bytes, place)).toEqual({ model: 'gpt-4o', stream: false })
    expect(JSON.parse(chat.withModel(bytes, 'other').toString())).toEqual({ model: 'other', ...body })
    expect(chat.decodeRequest(body).messages).toHaveLength(1)
  })

  test("a body's own model counts", () => {
    expect(chat.inspect({ ...body, model: 'own' }, bytes, place).model).toBe('own')
  })

  test('elsewhere there must be a model', () => {
    expect(() => chat.inspect(body, bytes, PLACE)).toThrow(expect.objectContaining({ param: 'model' }))
  })
})

test('headers that select an account are not passed on', () => {
  const passed = [openaiChat, openaiResponses].flatMap(({ requestHeaders }) => requestHeaders)
  expect(passed.filter((name) => /organization|project|authorization/.test(name))).toEqual([])
})

test('the plugin says which version it is', () => {
  expect(openaiDialect.definition.version).toBe(manifest.version)
})
