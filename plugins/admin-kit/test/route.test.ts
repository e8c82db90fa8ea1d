import { GatewayError } from '@sluice/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSetting } from './projects.ts'
import type { Setting } from './projects.ts'

let setting: Setting
beforeAll(async () => void (setting = await createSetting()))
beforeEach(() => {
  setting.events.length = 0
  setting.breakAudit = false
  setting.gate = Promise.resolve()
})
afterAll(() => setting[Symbol.asyncDispose]())

describe('a query', () => {
  test.each([
    ['', { by: 'day' }],
    ['since=12&deep=true&share=0.5', { since: 12, deep: true, share: 0.5, by: 'day' }],
    ['tags=a,b&tags=c&ids=1, 2', { tags: ['a', 'b', 'c'], ids: [1, 2], by: 'day' }],
    ['by=', { by: '' }],
    ['key=sk-1&by=month', { by: 'month' }],
  ])('%s is typed by its schema', async (query, expected) => {
    const reply = await setting.call('GET', `/echo/a%20b?${encodeURI(query)}`)
    expect(reply.json()).toEqual({ query: expected, params: { id: 'a b' } })
  })

  test.each([
    ['since=1.5', 'since'],
    ['since=0x10', 'since'],
    ['deep=1', 'deep'],
    ['ids=1,x', 'ids[1]'],
    ['by=day&by=month', 'by'],
    ['sinse=1', 'sinse'],
    ['__proto__=1', '__proto__'],
  ])('%s is refused', async (query, param) => {
    const reply = await setting.call('GET', `/echo/1?${query}`)
    expect([reply.status, reply.json()['error']]).toMatchObject([400, { code: 'invalid_request', param }])
  })
})

test('a reply may have a content type and headers of its own', async () => {
  const { status, headers, text } = await setting.call('GET', '/table')
  expect([status, headers['content-type'], headers['x-rows'], text]).toEqual([
    200,
    'text/csv; charset=utf-8',
    '1',
    'a,b\n1,2\n',
  ])
})

describe('Idempotency-Key', () => {
  const once = (key: string, body: object = { mode: 'run' }, who = 'Bearer ada') =>
    setting.call('POST', '/projects/p1/run', body as never, { 'idempotency-key': key, authorization: who })

  test('does the same request once, and repeats its answer', async () => {
    const [first, second] = [await once('k1'), await once('k1')]
    expect(first.status).toBe(200)
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.json()).toEqual(first.json())
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(setting.events).toHaveLength(1)
  })

  test('repeats a creation with its secret, which is nowhere stored in clear', async () => {
    const headers = { 'idempotency-key': 'k2' }
    const first = await setting.call('POST', '/projects', { name: 'once' }, headers)
    const second = await setting.call('POST', '/projects', { name: 'once' }, headers)
    expect(second.json()).toEqual(first.json())
    expect(second.json()['secret']).toBe('shown once')
    expect([second.status, second.headers.etag, second.headers.location]).toEqual([
      201,
      first.headers.etag,
      first.headers.location,
    ])
    const kept = JSON.stringify(await setting.store!.list('idempotency'))
    expect(kept).not.toContain('shown once')
    expect(kept).not.toContain(Buffer.from('shown once').toString('base64').slice(0, 12))
  })

  test('gives only the id to the same caller with another credential', async () => {
    const first = await once('k3', { mode: 'run' }, 'Bearer ada1')
    const second = await once('k3', { mode: 'run' }, 'Bearer ada2')
    expect([second.status, second.json()]).toEqual([first.status, { id: 'p1', replayed: true }])
  })

  test('of another request is a conflict, of another caller it is not', async () => {
    await once('k4')
    expect((await once('k4', { mode: 'other' })).status).toBe(409)
    expect((await setting.call('POST', '/projects', { name: 'x' }, { 'idempotency-key': 'k4' })).status).toBe(409)
    const other = await once('k4', { mode: 'run' }, 'Bearer eve')
    expect([other.status, other.headers['idempotent-replayed']]).toEqual([200, undefined])
  })

  test('of concurrent requests lets one through', async () => {
    const opened = Promise.withResolvers<void>()
    setting.gate = opened.promise
    const before = setting.calls
    const first = once('k5')
    await vi.waitFor(() => expect(setting.calls).toBe(before + 1))
    const others = await Promise.all(Array.from({ length: 4 }, () => once('k5')))
    expect(others.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(others.map(() => [409, '1']))
    opened.resolve()
    expect((await first).status).toBe(200)
    expect(setting.calls).toBe(before + 1)
    expect((await once('k5')).status).toBe(200)
  })

  test('lets what failed be tried again', async () => {
    expect((await once('k6', { mode: 'crash' })).status).toBe(500)
    const before = setting.calls
    expect((await once('k6', { mode: 'crash' })).status).toBe(500)
    expect(setting.calls).toBe(before + 1)
  })

  test('repeats an empty answer', async () => {
    expect((await once('k7', { mode: 'empty' })).status).toBe(204)
    const again = await once('k7', { mode: 'empty' })
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true'])
  })

  test.each(['two words', 'x'.repeat(256), ''])('is refused as %j', async (key) => {
    const reply = await once(key)
    expect([reply.status, reply.json()['error']]).toMatchObject([400, { param: 'idempotency-key' }])
  })
})

describe('the audit trail', () => {
  test('is told who did what to what, from where, and which fields', async () => {
    const made = await setting.call('POST', '/projects', { name: 'x', tags: ['secret'] })
    const id = made.json()['id'] as string
    const event = { actor: 'ada', outcome: 'done', ip: expect.stringContaining('127.0.0.1'), subject: `project:${id}` }
    expect(setting.events).toEqual([
      {
        ...event,
        action: 'projects.create',
        exchange: made.headers['x-request-id'],
        details: { fields: ['name', 'tags', 'shared'] },
      },
    ])
    await setting.call('PATCH', `/projects/${id}`, { name: 'y' })
    await setting.call('DELETE', `/projects/${id}`)
    expect(setting.events.slice(1)).toMatchObject([
      { ...event, action: 'projects.update', details: { fields: ['name'] } },
      { ...event, action: 'projects.delete' },
    ])
    expect(JSON.stringify(setting.events)).not.toContain('"secret"')
  })

  test('is told what was refused and what failed', async () => {
    await setting.call('POST', '/projects', { nam: 'x' })
    await setting.call('DELETE', '/projects/nothing')
    await setting.call('POST', '/projects/p1/run', { mode: 'crash' })
    expect(setting.events).toMatchObject([
      { action: 'projects.create', outcome: 'refused', details: { code: 'invalid_request' } },
      { action: 'projects.delete', outcome: 'refused', subject: 'project:nothing', details: { code: 'not_found' } },
      { action: 'projects.run', outcome: 'failed', subject: 'project:p1', details: { code: 'plugin_error' } },
    ])
  })

  test('is not told who looked', async () => {
    await setting.call('GET', '/projects')
    expect(setting.events).toEqual([])
  })

  test('that fails changes nothing for the caller, and is logged', async () => {
    setting.breakAudit = true
    expect((await setting.call('POST', '/projects', { name: 'x' })).status).toBe(201)
    expect(
      setting.gateway.log.find(({ level, action }) => level === 'error' && action === 'projects.create'),
    ).toBeDefined()
  })
})

describe('the description', () => {
  const routes = () => setting.gateway.gateway.inspect().routes
  const about = (method: string, path: string) =>
    routes().find((route) => route.method === method && route.path === `/admin/v1${path}`)!.about!

  test('names every operation of a collection', () => {
    expect(routes().map(({ about }) => about!['operationId'])).toEqual([
      'projects.list',
      'projects.get',
      'projects.create',
      'projects.replace',
      'projects.update',
      'projects.delete',
      ...['list', 'get', 'create', 'replace', 'update', 'delete'].map((verb) => `rooms.${verb}`),
      'echo.get',
      'table.get',
      'projects.run',
    ])
  })

  test('tells parameters, body and answers', () => {
    expect(about('get', '/echo/:id')['parameters']).toMatchObject([
      { in: 'path', name: 'id', required: true },
      { in: 'query', name: 'since', required: false, schema: { type: 'integer' } },
      { name: 'deep' },
      { name: 'share' },
      { name: 'tags', schema: { type: 'array' } },
      { name: 'ids' },
      { name: 'by', required: true },
    ])
    expect(about('patch', '/projects/:id')).toMatchObject({
      parameters: [{ name: 'id' }, { in: 'header', name: 'If-Match' }],
      requestBody: {
        required: false,
        content: { 'application/json': { schema: { properties: { name: {}, limits: {} } } } },
      },
    })
    expect(about('post', '/projects')).toMatchObject({
      requestBody: { required: true, content: { 'application/json': { schema: { required: ['name'] } } } },
      responses: { 201: {}, default: { $ref: '#/components/responses/Error' } },
    })
    expect(Object.keys(about('delete', '/projects/:id')['responses'] as object)).toEqual(['204', 'default'])
  })
})

test('a store that is out of reach is told as what it is', async () => {
  const store = setting.store!
  const away = new GatewayError('overloaded', 'The store does not answer.', { retryAfter: 1 })
  const list = vi.spyOn(store, 'list').mockRejectedValue(away)
  const reply = await setting.call('GET', '/projects')
  list.mockRestore()
  expect([reply.status, reply.headers['retry-after']]).toEqual([503, '1'])
})
