import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import type { Dialect } from '@sluice/core'
import { testPlugin } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { cohere, cohereDialect } from '../src/index.ts'

testPlugin({ test, plugin: cohereDialect() })

test('the plugin adds the dialect, under the version of its package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const { definition } = cohereDialect()
  const added: Dialect[] = []
  void definition.setup({ addDialect: (dialect: Dialect) => added.push(dialect) } as never)
  expect(added).toEqual([cohere])
  expect(definition.version).toBe(version)
})

describe('the model list', () => {
  const models = [
    { name: 'fast', owners: ['groq'], created: 1_760_000_000 },
    { name: 'openai/gpt-5.1', owners: ['openai'], created: 0 },
  ]
  const answer = (path: string, id?: string) =>
    cohere.endpoints.find((endpoint) => endpoint.path === path)!.answer!({ models }, { id })
  const endpoints = ['chat', 'embed', 'rerank']
  const fast = { name: 'fast', endpoints, default_endpoints: [], finetuned: false, is_deprecated: false }

  test('is in Cohere’s form', () => {
    expect(answer('/v1/models')).toEqual({ models: [fast, { ...fast, name: 'openai/gpt-5.1' }] })
  })

  test('has each model by its name, slashes and all', () => {
    expect(answer('/v1/models/{*id}', 'openai/gpt-5.1')).toMatchObject({ name: 'openai/gpt-5.1' })
    expect(() => answer('/v1/models/{*id}', 'nope')).toThrow(expect.objectContaining({ code: 'model_not_found' }))
  })

  test.each<[string, IncomingHttpHeaders, boolean]>([
    ['Cohere’s SDK for JavaScript', { 'x-fern-sdk-name': 'cohere-ai', 'user-agent': 'cohere-ai/8.1.0' }, true],
    ['Cohere’s SDK for Python', { 'x-fern-sdk-name': 'cohere' }, true],
    ['a tool that names itself so', { 'user-agent': 'cohere-toolkit/1' }, true],
    ['another vendor’s SDK', { 'x-fern-sdk-name': 'elevenlabs', 'user-agent': 'OpenAI/JS 6.0' }, false],
    ['nobody known', {}, false],
  ])('for %s', (_, headers, expected) => {
    const lists = cohere.endpoints.filter((endpoint) => endpoint.operation === 'models')
    expect(lists.map((endpoint) => endpoint.match!(headers, ''))).toEqual([expected, expected])
    expect(cohere.recognises!(headers)).toBe(expected)
  })
})
