/** Each API is reached at its own place, in both forms of Azure's. */
import type { Provider, SetupContext, WireProvider, WireRequest } from '@sluice/core'
import { DEFAULT_TIMEOUTS } from '@sluice/core'
import { json, mockUpstream, recordedCases, replayCase } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { azure } from '../src/index.ts'
import { placeOf } from '../src/places.ts'

const DATE = '2025-04-01-preview'

/** The provider as a gateway gets it, without the gateway. */
async function onProvider<T>(
  baseUrl: string,
  apiVersion: string,
  use: (provider: WireProvider) => Promise<T>,
): Promise<T> {
  const added: Provider[] = []
  const closers: (() => void | Promise<void>)[] = []
  await azure.definition.setup({
    options: { apiKey: 'azure-key-0123456789', baseUrl, apiVersion },
    addProvider: (provider: Provider) => added.push(provider),
    onClose: (close: () => void | Promise<void>) => closers.push(close),
  } as unknown as SetupContext<never, never>)
  try {
    return await use(added[0] as WireProvider)
  } finally {
    for (const close of closers) await close()
  }
}

const ask = (more: Partial<WireRequest>): WireRequest => ({
  operation: 'chat',
  dialect: 'openai-chat',
  model: 'my model',
  stream: false,
  headers: {},
  body: Buffer.from('{}'),
  timeouts: DEFAULT_TIMEOUTS,
  codec: undefined,
  raw: undefined,
  ...more,
})

/** The method, path and body that reach the resource. */
async function reached(apiVersion: string, more: Partial<WireRequest>): Promise<string[]> {
  await using upstream = await mockUpstream()
  upstream.reply(json({}))
  await onProvider(upstream.url, apiVersion, async (provider) => void (await provider.send(ask(more)).reply))
  const { method, path, body } = await upstream.request()
  return [method, path, body.toString()]
}

describe.each<[string, Partial<WireRequest>, string, string]>([
  ['a chat', {}, '/chat/completions', 'deployments/my%20model/'],
  ['embeddings', { operation: 'embeddings' }, '/embeddings', 'deployments/my%20model/'],
  ['images', { operation: 'images' }, '/images/generations', 'deployments/my%20model/'],
  ['speech', { operation: 'speech' }, '/audio/speech', 'deployments/my%20model/'],
  ['a completion', { dialect: 'openai-completions' }, '/completions', 'deployments/my%20model/'],
  ['a response', { dialect: 'openai-responses' }, '/responses', ''],
])('%s', (_, request, path, deployment) => {
  test.each<[string, string]>([
    ['v1', `/openai/v1${path}`],
    ['preview', `/openai/v1${path}?api-version=preview`],
    [DATE, `/openai/${deployment}${path.slice(1)}?api-version=${DATE}`],
  ])('with %s', async (apiVersion, expected) => {
    expect(await reached(apiVersion, request)).toEqual(['POST', expected, '{}'])
  })
})

describe.each<[string, WireRequest['operation'], string, string, string]>([
  [
    'a recording',
    'transcription',
    '/audio/transcriptions',
    '/openai/v1/audio/transcriptions',
    '/openai/deployments/my%20model/audio/transcriptions',
  ],
  [
    'an image to be edited',
    'images',
    '/images/edits',
    '/openai/v1/images/edits',
    '/openai/deployments/my%20model/images/edits',
  ],
  ['a file', 'files', '/files/file-1/content', '/openai/v1/files/file-1/content', '/openai/files/file-1/content'],
  [
    'a list',
    'batches',
    '/batches?limit=2&api-version=2020-01-01',
    '/openai/v1/batches?limit=2',
    '/openai/batches?limit=2',
  ],
])('%s, unread,', (_, operation, path, v1, dated) => {
  const raw = (headers = {}) => ({ method: 'PUT', path, headers })

  test.each([
    ['v1', v1],
    [DATE, `${dated}${dated.includes('?') ? '&' : '?'}api-version=${DATE}`],
  ])('with %s', async (apiVersion, expected) => {
    const body = Buffer.from('--form')
    expect(await reached(apiVersion, { operation, raw: raw(), body })).toEqual(['PUT', expected, '--form'])
  })
})

test.each(['v1', DATE])('what is passed through goes where the client says, with %s', async (apiVersion) => {
  const path = '/openai/v1/evals?api-version=2020-01-01'
  const raw = { method: 'GET', path, headers: {} }
  expect(await reached(apiVersion, { operation: 'passthrough', raw, body: Buffer.alloc(0) })).toEqual(['GET', path, ''])
})

test.each<[string, Partial<WireRequest>]>([
  ['moderations', { operation: 'moderations' }],
  ['reranking', { operation: 'rerank' }],
])('%s is not offered', async (_, request) => {
  await using upstream = await mockUpstream()
  await onProvider(upstream.url, 'v1', async (provider) => {
    await expect(provider.send(ask(request)).reply).rejects.toMatchObject({ code: 'invalid_request' })
  })
  expect(upstream.requests).toEqual([])
})

test.each(['', '.', '..'])('the name "%s" is no way up the path', (name) => {
  const place = placeOf(DATE)
  expect(() => place('/audio/transcriptions', name)).toThrow(expect.objectContaining({ code: 'model_not_found' }))
  expect(place('/files', name)).toBe(`/openai/files?api-version=${DATE}`)
})

test.each<[string, boolean]>([
  ['v1', true],
  ['preview', true],
  ['2025-03-01-preview', true],
  ['2024-10-21', false],
])('the dialect of responses is spoken with %s: %s', async (apiVersion, speaks) => {
  await onProvider('http://127.0.0.1:1', apiVersion, async (provider) => {
    expect([provider.dialect, provider.also!.includes('openai-responses')]).toEqual(['openai-chat', speaks])
    await Promise.resolve()
  })
})

describe('embeddings', () => {
  const cases = recordedCases({ providers: ['azure'], endpoints: ['embeddings'] })
  test.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s pass as they came',
    async (_, recorded) => {
      await using upstream = await mockUpstream()
      upstream.reply(replayCase(recorded))
      const { pathname, search, searchParams } = new URL(recorded.meta.url.replace('RESOURCE', 'r'))
      const model = /deployments\/([^/]+)/.exec(pathname)![1]!
      await onProvider(upstream.url, searchParams.get('api-version')!, async (provider) => {
        const request = ask({ operation: 'embeddings', model, body: recorded.requestBytes! })
        const dropped: string[] = []
        const adapted = provider.adapt!(recorded.request!, (param) => dropped.push(param), request)
        expect([adapted, dropped]).toEqual([recorded.request, []])
        const { status, body } = await provider.send(request).reply
        expect([status, body!.toString()]).toEqual([200, recorded.responseBytes!.toString()])
      })
      expect((await upstream.request()).path).toBe(pathname.replace('//', '/') + search)
    },
  )

  test.each<[string, object, string[]]>([
    ['v1', {}, ['input_type', 'truncate']],
    [DATE, { input_type: 'query' }, ['truncate']],
  ])('keep of other vendors’ fields, with %s, %j', async (apiVersion, kept, reported) => {
    const body = { model: 'm', input: ['a'], dimensions: 3 }
    await onProvider('http://127.0.0.1:1', apiVersion, async (provider) => {
      const dropped: string[] = []
      const drop = (param: string): number => dropped.push(param)
      const request = ask({ operation: 'embeddings' })
      const adapted = provider.adapt!({ ...body, input_type: 'query', truncate: 'end' }, drop, request)
      expect([adapted, dropped]).toEqual([{ ...body, ...kept }, reported])
      await Promise.resolve()
    })
  })
})
