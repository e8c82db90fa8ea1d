import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSetting } from './projects.ts'
import type { Setting } from './projects.ts'

let setting: Setting
beforeAll(async () => void (setting = await createSetting()))
beforeEach(() => void (setting.events.length = 0))
afterAll(() => setting[Symbol.asyncDispose]())

async function create(fields: object = {}): Promise<string> {
  const reply = await setting.call('POST', '/projects', { name: 'apollo', ...fields })
  expect(reply.status).toBe(201)
  return reply.json()['id'] as string
}
const at = (id: string): string => `/projects/${id}`
const codeOf = (reply: { json(): object }) => (reply.json() as { error: { code: string; param?: string } }).error

describe('a collection', () => {
  test('creates, shows, replaces, changes and deletes', async () => {
    const made = await setting.call('POST', '/projects', { name: 'apollo', limits: { requests: '1/s', tokens: '9/s' } })
    expect(made.status).toBe(201)
    const { id, ...fields } = made.json()
    expect(id).toMatch(/^project_[0-9A-Za-z]{20}$/)
    const stored = { name: 'apollo', limits: { requests: '1/s', tokens: '9/s' }, shared: true, madeBy: 'ada' }
    expect(fields).toEqual({ ...stored, revision: 1, secret: 'shown once' })
    expect(made.headers).toMatchObject({
      etag: '"1"',
      location: `/admin/v1/projects/${id as string}`,
      'cache-control': 'no-store',
    })

    const shown = await setting.call('GET', at(id as string))
    expect([shown.status, shown.headers.etag, shown.json()]).toEqual([200, '"1"', { id, revision: 1, ...stored }])

    const changed = await setting.call('PATCH', at(id as string), { limits: { tokens: null }, tags: ['moon'] })
    expect(changed.headers.etag).toBe('"2"')
    expect(changed.json()).toEqual({ ...stored, id, revision: 2, limits: { requests: '1/s' }, tags: ['moon'] })

    const replaced = await setting.call('PUT', at(id as string), { name: 'gemini', shared: false })
    expect(replaced.json()).toEqual({ id, revision: 3, name: 'gemini', shared: false, madeBy: 'ada' })

    const gone = await setting.call('DELETE', at(id as string))
    expect([gone.status, gone.text]).toEqual([204, ''])
    expect((await setting.call('GET', at(id as string))).status).toBe(404)
  })

  test('lists in pages, each record once', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => create({ name: 'paged' })))
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await setting.call('GET', `/projects?limit=3${cursor && `&cursor=${cursor}`}`)
      const { data, next } = page.json() as { data: { id: string; secret?: string }[]; next: string | null }
      expect(data.length).toBeLessThanOrEqual(3)
      expect(data.every(({ secret }) => secret === undefined)).toBe(true)
      seen.push(...data.map(({ id }) => id))
      cursor = next
    }
    expect(seen).toEqual([...new Set(seen)].sort())
    expect(seen).toEqual(expect.arrayContaining(ids))
  })

  test.each([
    'limit=0',
    'limit=201',
    'limit=many',
    'limit=1&limit=2',
    'cursor=',
    'cursor=%21',
    'cursor=abc%3D',
    'limt=5',
  ])('refuses to list with %s', async (query) => {
    const reply = await setting.call('GET', `/projects?${query}`)
    expect([reply.status, codeOf(reply)]).toMatchObject([400, { code: 'invalid_request', param: query.split('=')[0] }])
  })
})

describe('If-Match', () => {
  test.each(['PUT', 'PATCH', 'DELETE'])('lets %s through only at the revision that it names', async (method) => {
    const id = await create()
    const body = method === 'DELETE' ? undefined : { name: 'changed' }
    const late = await setting.call(method, at(id), body, { 'if-match': '"2"' })
    expect([late.status, codeOf(late).code]).toEqual([412, 'precondition_failed'])
    const intime = await setting.call(method, at(id), body, { 'if-match': '"1"' })
    expect(intime.status).toBe(method === 'DELETE' ? 204 : 200)
  })

  test.each(['2', '"x"', '"-1"', '"1", "2"', ''])('is refused as %j', async (header) => {
    const reply = await setting.call('PATCH', at(await create()), {}, { 'if-match': header })
    expect([reply.status, codeOf(reply)]).toMatchObject([400, { param: 'if-match' }])
  })

  test('of concurrent changes to one revision exactly one is done', async () => {
    const id = await create()
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, i) => setting.call('PUT', at(id), { name: `n${i}` }, { 'if-match': '"1"' })),
    )
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, ...Array(7).fill(412)])
  })

  test('without it no change is lost: each is done or told of the conflict', async () => {
    const id = await create()
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_, i) => setting.call('PATCH', at(id), { limits: { requests: `${i}` } })),
    )
    const done = replies.filter(({ status }) => status === 200)
    expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true)
    expect((await setting.call('GET', at(id))).json()['revision']).toBe(1 + done.length)
  })
})

describe('a body', () => {
  const JSON_TYPE = { 'content-type': 'application/json' }
  test.each([
    ['no JSON', '{"name":', JSON_TYPE, undefined],
    ['no object', '["name"]', JSON_TYPE, undefined],
    ['of another type', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }, undefined],
    ['of no type', '{"name":"x"}', {}, undefined],
    ['without what is required', '{}', JSON_TYPE, 'name'],
    ['with a field of the wrong type', '{"name":3}', JSON_TYPE, 'name'],
    ['with an unknown field', '{"name":"x","tag":[]}', JSON_TYPE, 'tag'],
    ['with an unknown field inside', '{"name":"x","limits":{"request":"1"}}', JSON_TYPE, 'limits.request'],
    ['with a field given twice', '{"name":"x","name":"y"}', JSON_TYPE, 'name'],
    ['with a field given twice in two spellings', '{"name":"x","n\\u0061me":"y"}', JSON_TYPE, 'name'],
    ['with a field inside given twice', '{"limits":{"tokens":"1","tokens":"2"}}', JSON_TYPE, 'limits.tokens'],
    ['that reaches for the prototype', '{"name":"x","__proto__":{}}', JSON_TYPE, '__proto__'],
    ['with a NUL', '{"name":"a\\u0000b"}', JSON_TYPE, undefined],
    ['with half a character', '{"name":"\\ud800"}', JSON_TYPE, undefined],
    ['nested without end', `{"name":${'['.repeat(9000)}${']'.repeat(9000)}}`, JSON_TYPE, undefined],
  ])('%s is refused', async (_, body, headers, param) => {
    const reply = await setting.call('POST', '/projects', body, headers)
    expect(reply.status).toBe(400)
    expect(codeOf(reply)).toMatchObject({ code: 'invalid_request', ...(param && { param }) })
  })

  test('of more than a megabyte is refused', async () => {
    const reply = await setting.call('POST', '/projects', { name: 'x'.repeat(1_100_000) })
    expect([reply.status, codeOf(reply).code]).toEqual([413, 'request_too_large'])
  })

  test('may use one name in several objects, and colons and quotes in texts', async () => {
    const reply = await setting.call('POST', '/projects', {
      name: '"name":{"name":1}\\',
      tags: ['name', ':', '{'],
      limits: { requests: 'name' },
    })
    expect(reply.status).toBe(201)
  })

  test('that is not wanted is refused', async () => {
    const reply = await setting.call('DELETE', at(await create()), '{"force":true}', {
      ...JSON_TYPE,
      'content-length': '14',
    })
    expect([reply.status, codeOf(reply).param]).toEqual([400, 'force'])
  })

  test('of a patch is checked by what it leads to', async () => {
    const id = await create()
    const reply = await setting.call('PATCH', at(id), { name: null })
    expect([reply.status, codeOf(reply).param]).toEqual([400, 'name'])
    expect((await setting.call('PATCH', at(id), { madeBy: 'eve' })).status).toBe(400)
  })

  test('is told what may have been meant', async () => {
    const reply = await setting.call('POST', '/projects', { nam: 'x' })
    expect(reply.text).toContain('Did you mean \\"name\\"?')
  })
})

test('an id that cannot be one is not found', async () => {
  for (const id of ['%00', 'a%0Ab', 'x'.repeat(600), 'project_none'])
    expect((await setting.call('GET', at(id))).status).toBe(404)
})

test('who may only read does not write', async () => {
  const headers = { authorization: 'Bearer reader' }
  expect((await setting.call('GET', '/projects', undefined, headers)).status).toBe(200)
  expect((await setting.call('POST', '/projects', { name: 'x' }, headers)).status).toBe(403)
})

test('an id that its writer chooses is taken once', async () => {
  const made = await setting.call('POST', '/rooms', { name: 'attic' })
  expect([made.status, made.json()['id'], made.headers.location]).toEqual([201, 'attic', '/admin/v1/rooms/attic'])
  const again = await setting.call('POST', '/rooms', { name: 'attic' })
  expect([again.status, codeOf(again).code]).toEqual([409, 'conflict'])
  expect((await setting.call('POST', '/rooms', {})).json()['id']).toMatch(/^room_/)
})

test("a permission for one's own team reaches no other's records", async () => {
  for (const [name, team] of Object.entries({ a1: 'red', a2: 'blue', a3: 'red', a4: 'blue', a5: 'red' }))
    await setting.call('POST', '/rooms', { name, team })
  const mia = { authorization: 'Bearer mia' }
  const seen: string[] = []
  for (let cursor = ''; ;) {
    const page = await setting.call('GET', `/rooms?limit=2${cursor}`, undefined, mia)
    const { data, next } = page.json() as { data: { id: string }[]; next: string | null }
    seen.push(...data.map(({ id }) => id))
    if (next === null) break
    cursor = `&cursor=${next}`
  }
  expect(seen).toEqual(['a1', 'a3', 'a5'])
  const status = async (method: string, path: string, body?: object): Promise<number> =>
    (await setting.call(method, `/rooms${path}`, body as never, mia)).status
  expect(await status('GET', '/a1')).toBe(200)
  expect(await status('GET', '/a2')).toBe(404)
  expect(await status('PATCH', '/a2', { name: 'x' })).toBe(404)
  expect(await status('DELETE', '/a2')).toBe(404)
  expect(await status('PATCH', '/a1', { team: 'blue' })).toBe(403)
  expect(await status('POST', '', { name: 'a6', team: 'blue' })).toBe(403)
  expect(await status('POST', '', { name: 'a6' })).toBe(403)
  expect(await status('POST', '', { name: 'a6', team: 'red' })).toBe(201)
})
