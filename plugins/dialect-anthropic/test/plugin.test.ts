import type { Dialect } from '@sluice/core'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { anthropic, anthropicDialect } from '../src/index.ts'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  name: string
  version: string
}

test('the plugin adds the dialect, under the name and version of its package', () => {
  const { definition } = anthropicDialect()
  const added: Dialect[] = []
  void definition.setup({ addDialect: (dialect: Dialect) => added.push(dialect) } as never)
  expect(added).toEqual([anthropic])
  expect([`@sluice/${definition.name}`, definition.version]).toEqual([manifest.name, manifest.version])
})

describe('the model list', () => {
  const models = [
    { name: 'fast', owners: ['groq'], created: 1_760_000_000 },
    { name: 'openai/gpt-5.1', owners: ['openai'], created: 0 },
  ]
  const answer = (path: string, id?: string, list = models) =>
    anthropic.endpoints.find((endpoint) => endpoint.path === path)!.answer!({ models: list }, { id })
  const fast = { type: 'model', id: 'fast', display_name: 'fast', created_at: '2025-10-09T08:53:20.000Z' }

  test('is in Anthropic’s form', () => {
    expect(answer('/v1/models')).toMatchObject({
      data: [fast, { id: 'openai/gpt-5.1' }],
      has_more: false,
      first_id: 'fast',
      last_id: 'openai/gpt-5.1',
    })
    expect(answer('/v1/models', undefined, [])).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
  })

  test('has each model by its name, slashes and all', () => {
    expect(answer('/v1/models/{*id}', 'fast')).toEqual(fast)
    expect(answer('/v1/models/{*id}', 'openai/gpt-5.1')).toMatchObject({ id: 'openai/gpt-5.1' })
    expect(() => answer('/v1/models/{*id}', 'nope')).toThrow(expect.objectContaining({ code: 'model_not_found' }))
  })

  test('is for clients that name a version of Anthropic’s API; so are requests that hit no endpoint', () => {
    const version = { 'anthropic-version': '2023-06-01' }
    const lists = anthropic.endpoints.filter((endpoint) => endpoint.operation === 'models')
    expect(lists.map((endpoint) => [endpoint.match!(version, ''), endpoint.match!({}, '')])).toEqual([
      [true, false],
      [true, false],
    ])
    expect([anthropic.recognises!(version), anthropic.recognises!({ authorization: 'x' })]).toEqual([true, false])
  })
})
