import { GatewayError } from '@sluice/core'
import { expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { openaiChat, openaiDialect } from '../src/index.ts'

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

test('headers that select an account are not passed on', () => {
  expect(openaiChat.requestHeaders.filter((name) => /organization|project|authorization/.test(name))).toEqual([])
})

test('the plugin says which version it is', () => {
  expect(openaiDialect.definition.version).toBe(manifest.version)
})
