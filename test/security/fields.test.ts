/** Operators who write whatever they like into every field that there is. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@sluice/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_KEY, openHouse } from './support/house.ts'
import type { House } from './support/house.ts'
import { placesIn, sampleOf, valueAt, withValue } from './support/json-schema.ts'
import type { Place, Schema } from './support/json-schema.ts'

type Parameter = { in: string; name: string; schema: Schema }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
}
type Document = {
  paths: { [path: string]: { [method: string]: Operation } }
  components: { schemas: { [name: string]: Schema } }
}

const data = mkdtempSync(join(tmpdir(), 'sluice-records-'))
let house: House
let document: Document
beforeAll(async () => {
  house = await openHouse({ server: { data } })
  document = (await house.call('GET', '/admin/openapi.json')).json() as unknown as Document
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(data, { recursive: true, force: true })
})

const deep = (levels: number): unknown => (levels === 0 ? 0 : [deep(levels - 1)])
const HOSTILE: readonly unknown[] = [
  "'; DROP TABLE records; --",
  "' OR '1'='1",
  '"); DELETE FROM records; --',
  '\\',
  '$1 :x ? %s {{x}} ${x}',
  'a\0b',
  '\0',
  '\ud800',
  '\udc00\ud800',
  '\u2028\u2029\u0085\ufeff',
  '\u0001\u001b[31m\u007f',
  '😀 e\u0301 \u202eabc',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  '',
  ' ',
  'a'.repeat(300),
  '1e999',
  0,
  -1,
  1.5,
  -0.1,
  1e308,
  2 ** 53,
  true,
  null,
  [],
  {},
  { $gt: '' },
  { "'; DROP TABLE records; --": "' OR 1=1" },
  { constructor: { prototype: { polluted: true } } },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { '': '', '\0': '\0' },
  { '\ud800': 1 },
  deep(20),
]
/** What takes long to look at, for some places only. */
const LARGE: readonly unknown[] = [
  'a'.repeat(100_000),
  Array.from({ length: 3_000 }, (_, index) => `x${index}`),
  deep(60),
]

/** One of `every`, other ones for each place, so that all come to many. */
function some(place: number, every: number): unknown[] {
  const large = place % every === 0 ? LARGE : []
  return [...HOSTILE.filter((_, index) => (index + place) % every === 0), ...large]
}

/** What may be written under a path, with its schema whole. */
function writable(): { path: string; method: string; schema: Schema }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content['application/json'].schema
      return schema ? [{ path, method: method.toUpperCase(), schema: whole(schema) }] : []
    }),
  )
}

function whole(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!
}

/** So many at once. */
async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>, workers = 48): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let index = next++; index < items.length; index = next++) await work(items[index]!)
    }),
  )
}

/** What samples need beside what their schemas say. */
const MORE: { readonly [path: string]: (name: string) => JsonObject } = {
  '/admin/v1/limits': () => ({ requests: '10/min' }),
  '/admin/v1/secrets': () => ({ value: 'x' }),
  '/admin/v1/rules': (name) => ({ then: { model: 'echo' }, when: { models: [name] } }),
  '/admin/v1/rollouts': (name) => ({ model: name, stable: 'echo/echo', candidate: 'openai/m', percent: 10 }),
}

/** As little as makes a record. */
function sampleFor(path: string, schema: Schema, name: string): JsonObject {
  return { ...(sampleOf(schema) as JsonObject), ...MORE[path]?.(name), ...(schema.properties?.['name'] && { name }) }
}

const brief = (value: unknown): string => (JSON.stringify(value) ?? '').slice(0, 60)

describe('whatever is written', () => {
  test('to any field of any record is refused, or kept as it is', async () => {
    const creations = writable().filter(({ method, path }) => method === 'POST' && !path.includes('{'))
    expect(creations.length).toBeGreaterThanOrEqual(8)
    const wrong: string[] = []
    const kept = new Set<string>()
    const tries = creations.flatMap(({ path, schema }) =>
      placesIn(schema).flatMap((place, shift) => some(shift, 3).map((value) => ({ path, schema, place, value }))),
    )
    expect(tries.length).toBeGreaterThan(3_000)
    let count = 0
    await inTurn(tries, async ({ path, schema, place, value }) => {
      // Names of some are their ids.
      const sample = sampleFor(path, schema, `n${count++}`)
      const body = withValue(schema, sample, place, value) as JsonObject
      const made = await house.call('POST', path, body)
      const at = `${path} ${place.join('.')} = ${brief(value)}`
      if (made.status >= 500 || made.status < 200) wrong.push(`${at}: ${made.status} ${made.text.slice(0, 200)}`)
      if (made.status !== 201) return
      kept.add(`${path} ${place.join('.')}`)
      await expectKept(`${path}/${encodeURIComponent(String(made.json()['id']))}`, at, place, value, wrong)
    })
    expect(wrong.slice(0, 20)).toEqual([])
    expect(kept.size).toBeGreaterThan(30)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  async function expectKept(path: string, at: string, place: Place, value: unknown, wrong: string[]): Promise<void> {
    const read = await house.call('GET', path)
    if (read.status !== 200) return void wrong.push(`${at}: cannot be read: ${read.status}`)
    // What is never shown cannot be compared.
    if (path.startsWith('/admin/v1/secrets/') && place[0] === 'value') return
    const found = valueAt(read.json(), place)
    // An id that nobody chose.
    const isChosen = place[0] !== 'id' || value !== undefined
    if (isChosen && JSON.stringify(found) !== JSON.stringify(value)) wrong.push(`${at}: became ${brief(found)}`)
  }

  test('into a record that there is, whole or in part, is refused, or kept as it is', async () => {
    const wrong: string[] = []
    const changes = writable().filter(({ path, method }) => path.endsWith('/{id}') && method !== 'POST')
    await inTurn(changes, async ({ path, method, schema }) => {
      const collection = path.slice(0, -'/{id}'.length)
      const creation = whole(document.paths[collection]!['post']!.requestBody!.content['application/json'].schema)
      const sample = sampleFor(collection, creation, `changed-by-${method.toLowerCase()}`)
      const made = await house.call('POST', collection, sample)
      if (made.status !== 201) return void wrong.push(`${collection}: no sample can be made: ${made.text}`)
      const one = `${collection}/${String(made.json()['id'])}`
      for (const [shift, place] of placesIn(schema).entries()) {
        for (const value of some(shift, 9)) {
          const base = method === 'PUT' ? sample : {}
          const body = withValue(creation, base, place, value) as JsonObject
          const reply = await house.call(method, one, body)
          const at = `${method} ${path} ${place.join('.')} = ${brief(value)}`
          if (reply.status >= 500) wrong.push(`${at}: ${reply.status} ${reply.text.slice(0, 200)}`)
          // A patch takes away what is null, and merges objects.
          const isPlain = value !== null && (typeof value !== 'object' || Array.isArray(value))
          if (reply.status === 200 && isPlain) await expectKept(one, at, place, value, wrong)
        }
      }
    })
    expect(wrong.slice(0, 20)).toEqual([])
  })

  test('into parameters of any route is refused, or looked for in vain', async () => {
    const texts = HOSTILE.filter((value) => typeof value === 'string' && value.length < 8_000) as string[]
    const asked = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters = [] }]) =>
        parameters.flatMap((parameter) =>
          texts.map((text) => ({ path, method: method.toUpperCase(), parameter, text: text.toWellFormed() })),
        ),
      ),
    )
    expect(asked.length).toBeGreaterThan(1_000)
    const wrong: string[] = []
    await inTurn(asked, async ({ path, method, parameter, text }) => {
      const place = parameter.in === 'path' ? text : 'nothing'
      const concrete = path.replaceAll(/\{\w+\}/g, encodeURIComponent(place))
      const query = parameter.in === 'query' ? `?${parameter.name}=${encodeURIComponent(text)}` : ''
      const headers: { [name: string]: string } = { authorization: `Bearer ${ADMIN_KEY}` }
      if (parameter.in === 'header') headers[parameter.name] = text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: {} }
      const { status } = await house.gateway.request(concrete + query, { method, headers, ...body })
      if (status >= 500) wrong.push(`${method} ${path} ${parameter.name} = ${brief(text)}: ${status}`)
    })
    expect(wrong.slice(0, 20)).toEqual([])
  })

  test('leaves a gateway that lists all of it and starts anew with it', async () => {
    const lists = house.routes.filter(
      ({ method, path }) => method === 'get' && /^\/admin\/v1\/(?!audit)\w+$/.test(path),
    )
    const listAll = async (from: House): Promise<{ [path: string]: number }> => {
      const counts: { [path: string]: number } = {}
      for (const { path } of lists) {
        let next: string | null | undefined
        counts[path] = 0
        do {
          const reply = await from.call('GET', `${path}${next ? `?cursor=${encodeURIComponent(next)}` : ''}`)
          expect([path, reply.status]).toEqual([path, 200])
          const page = reply.json() as { data?: unknown[]; next?: string | null }
          counts[path] += page.data?.length ?? 0
          next = page.next
        } while (next)
      }
      return counts
    }
    const before = await listAll(house)
    expect(house.gateway.log.entries.filter(({ level }) => level === 'error')).toEqual([])
    await house.gateway.close()
    await using again = await openHouse({ server: { data } })
    expect(await listAll(again)).toEqual(before)
    expect(again.gateway.log.entries.filter(({ level }) => level !== 'warn')).toEqual([])
    expect((await again.call('GET', '/v1/models')).status).toBe(200)
  })
})
