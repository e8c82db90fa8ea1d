import type { JsonObject } from '@sluice/core'
import { json } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { csv } from '../src/csv.ts'
import { completion, setUp, until } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

const counts = (prompt: number, said: number): JsonObject => ({
  prompt_tokens: prompt,
  completion_tokens: said,
  total_tokens: prompt + said,
})

/** Two for the blue team, one for the red one, one whose price is unknown, one refused. */
async function used(options = {}): Promise<Setting> {
  const setting = await setUp({ options })
  setting.upstream.reply(json(completion(counts(100, 10))))
  const asked = [
    ['vllm/tiered', 'ann@blue'],
    ['vllm/tiered', 'bob@blue'],
    ['vllm/tiered', 'rob@red'],
    ['vllm/unknown', 'rob@red'],
    ['none/such', 'rob@red'],
  ] as const
  for (const [model, as] of asked) {
    const before = Date.now()
    await until(() => Date.now() > before)
    await setting.ask(model, {}, as)
  }
  return setting
}

const get = (setting: Setting, path: string, as = 'op') =>
  setting.gateway.request(path, { headers: { authorization: `Bearer ${as}` } })
const dataOf = async (setting: Setting, path: string, as?: string): Promise<JsonObject[]> => {
  const reply = await get(setting, path, as)
  expect(reply.status).toBe(200)
  return reply.json()['data'] as JsonObject[]
}
const price = 100 * 1250 + 10 * 10_000

describe('the sums', () => {
  test('are of everything, with what has no known price counted apart', async () => {
    await using setting = await used()
    expect(await dataOf(setting, '/admin/v1/usage')).toEqual([
      {
        group: {},
        requests: 5,
        unpriced: 1,
        inputTokens: 400,
        outputTokens: 40,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        audioTokens: 0,
        imageTokens: 0,
        reasoningTokens: 0,
        outputAudioTokens: 0,
        outputImageTokens: 0,
        costNanoUsd: 3 * price,
        costUsd: (3 * price) / 1e9,
      },
    ])
  })

  test('are grouped by any dimensions and spans of time', async () => {
    await using setting = await used()
    const lines = await dataOf(setting, '/admin/v1/usage?by=team,model&bucket=day')
    const midnight = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`
    expect(lines).toHaveLength(4)
    expect(lines.every(({ time }) => time === midnight)).toBe(true)
    expect(lines.find(({ group }) => (group as JsonObject)['team'] === 'blue')).toMatchObject({
      group: { team: 'blue', model: 'vllm/tiered' },
      requests: 2,
      unpriced: 0,
      costNanoUsd: 2 * price,
    })
    expect(lines.find(({ group }) => (group as JsonObject)['model'] === 'vllm/unknown')).toMatchObject({ unpriced: 1 })
  })

  test.each([
    ['team=red', 3],
    ['team=red,blue', 5],
    ['team=red&model=vllm/tiered', 1],
    ['keyId=key-ann', 1],
    ['outcome=refused', 1],
    ['tag=a', 5],
    ['from=2020-01-01&to=2020-02-01', 0],
    [`from=${Date.now() - 60_000}`, 5],
  ])('hold what %s asks for', async (query, requests) => {
    await using setting = await used()
    const [line] = await dataOf(setting, `/admin/v1/usage?${query}`)
    expect(line?.['requests'] ?? 0).toBe(requests)
  })

  test.each(['by=nothing', 'bucket=week', 'from=yesterday', 'teams=red', 'cursor=x'])('refuse %s', async (query) => {
    await using setting = await setUp()
    const reply = await get(setting, `/admin/v1/usage?${query}`)
    expect([reply.status, (reply.json()['error'] as JsonObject)['code']]).toEqual([400, 'invalid_request'])
  })
})

describe('the rows', () => {
  test('come newest first, in pages', async () => {
    await using setting = await used()
    const seen: unknown[] = []
    let cursor: string | null | undefined
    for (let pages = 0; pages < 3; pages++) {
      const more = cursor === undefined ? '' : `&cursor=${cursor}`
      const page = (await get(setting, `/admin/v1/usage/rows?limit=2${more}`)).json()
      seen.push(...(page['data'] as JsonObject[]))
      cursor = page['next'] as string | null
    }
    expect(cursor).toBeNull()
    const rows = await setting.rows()
    expect(seen.map((row) => (row as JsonObject)['id'])).toEqual(rows.map(({ id }) => id).reverse())
    expect(seen.at(-1)).toMatchObject({
      team: 'blue',
      costUsd: price / 1e9,
      time: new Date(rows[0]!.time).toISOString(),
    })
  })

  test.each(['x', 'eHg', ''])('are not to be had for the cursor "%s"', async (cursor) => {
    await using setting = await setUp()
    expect((await get(setting, `/admin/v1/usage/rows?cursor=${cursor}`)).status).toBe(400)
  })
})

describe('usage is taken away', () => {
  test('as CSV, in parts', async () => {
    await using setting = await used({ metadata: ['costCentre'] })
    const first = await get(setting, '/admin/v1/usage/export?limit=3')
    expect(first.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store' })
    const cursor = String(first.headers['x-next-cursor'])
    const second = await get(setting, `/admin/v1/usage/export?limit=3&cursor=${cursor}`)
    expect(second.headers).not.toHaveProperty('x-next-cursor')
    const lines = (first.text + second.text).split('\r\n')
    expect(lines[0]).toMatch(/^id,time,principal,key,.*,metadata\.costCentre$/)
    expect(lines).toHaveLength(7)
    expect(lines[1]).toContain(',ann,key-ann,ann@example.org,blue,org,a b,openai-chat,chat,false,vllm/tiered,')
    expect(lines[1]).toMatch(/,x1$/)
  })

  test('as lines of JSON', async () => {
    await using setting = await used()
    const reply = await get(setting, '/admin/v1/usage/export?format=ndjson&team=red')
    const rows = reply.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject)
    expect(rows.map(({ model }) => model)).toEqual(['vllm/tiered', 'vllm/unknown', 'none/such'])
    expect(rows.map(({ costUsd }) => costUsd)).toEqual([price / 1e9, null, 0])
  })
})

test.each([
  ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
  ['+1', `"'+1"`],
  ['@a', `"'@a"`],
  ['  -2', `"'  -2"`],
  ['\tx', `"'\tx"`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\nb', '"a\nb"'],
  [-5, '-5'],
  [null, ''],
  [['=a', 'b'], `"'=a b"`],
  ['plain', 'plain'],
])('a cell of CSV is no formula and no two cells: %j', (value, cell) => {
  expect(csv(['x'], [{ x: value }], false)).toBe(`${cell}\r\n`)
})

describe('who may see usage', () => {
  test.each(['/admin/v1/usage', '/admin/v1/usage/rows', '/admin/v1/usage/export'])(
    '%s: those who hold usage:read',
    async (path) => {
      await using setting = await setUp()
      expect((await get(setting, path, 'ann')).status).toBe(403)
      expect((await get(setting, path, 'bad')).status).toBe(401)
      expect((await get(setting, path, 'op')).status).toBe(200)
    },
  )

  test('those whose permission reaches to their team see that one only', async () => {
    await using setting = await used()
    expect(await dataOf(setting, '/admin/v1/usage', 'lead@red')).toMatchObject([{ requests: 3 }])
    const rows = await dataOf(setting, '/admin/v1/usage/rows?team=red', 'lead@red')
    expect(rows.map(({ team }) => team)).toEqual(['red', 'red', 'red'])
    expect((await get(setting, '/admin/v1/usage?team=blue', 'lead@red')).status).toBe(403)
    expect((await get(setting, '/admin/v1/usage', 'lead')).status).toBe(403)
  })
})

describe('/v1/generation', () => {
  test('tells callers what their own request used', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json(completion(counts(100, 10))))
    const { headers } = await setting.ask('vllm/tiered', {}, 'ann@blue')
    const id = String(headers['x-request-id'])
    const reply = await get(setting, `/v1/generation?id=${id}`, 'ann@blue')
    expect(reply.json()['data']).toMatchObject({
      id,
      model: 'vllm/tiered',
      provider_name: 'vllm',
      total_cost: price / 1e9,
      tokens_prompt: 100,
      tokens_completion: 10,
      streamed: false,
      cancelled: false,
      api_type: 'chat',
    })
    expect((await get(setting, `/v1/generation?id=${id}`, 'op')).status).toBe(200)
    expect((await get(setting, `/v1/generation?id=${id}`, 'bob@blue')).status).toBe(404)
    expect((await get(setting, `/v1/generation?id=${id}`, 'bad')).status).toBe(401)
  })

  test.each([
    ['', 400],
    ['?id=', 400],
    [`?id=${'x'.repeat(200)}`, 400],
    ['?id=none', 404],
  ])('"%s" gives %d', async (query, status) => {
    await using setting = await setUp()
    expect((await get(setting, `/v1/generation${query}`, 'ann')).status).toBe(status)
  })
})
