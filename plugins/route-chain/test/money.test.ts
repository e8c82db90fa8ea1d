import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin } from '@sluice/core'
import type { GatewayConfig, JsonObject } from '@sluice/core'
import { json, stallBeforeHeaders } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { Ledger, Prices } from '@sluice/usage-kit'
import { ledger } from '@sluice/usage-ledger'
import { prices } from '@sluice/usage-prices'
import { afterAll, describe, expect, test } from 'vitest'
import { said, setUp, spoken } from './support/setting.ts'
import type { ChainOptions, Script, Setting } from './support/setting.ts'

const spool = mkdtempSync(join(tmpdir(), 'sluice-chain-'))
afterAll(() => rmSync(spool, { recursive: true, force: true }))

type Rows = { id: string; data: JsonObject }[]

/** A gateway that keeps books. `rows` are in the order of their targets, that of the chain first: times may be equal. */
async function books(
  steps: ChainOptions['steps'],
  script: Script,
  others: { [name: string]: ChainOptions } = {},
  config: GatewayConfig = {},
): Promise<{ setting: Setting; prices: Prices; rows(): Promise<Rows>; [Symbol.asyncDispose](): Promise<void> }> {
  let service: Ledger | undefined
  let priced: Prices | undefined
  const reader = definePlugin({
    name: 'test-reader',
    version: '1.0.0',
    api: 1,
    requires: [Ledger, Prices],
    setup({ get }) {
      service = get(Ledger)
      priced = get(Prices)
    },
  })
  const list = {
    'openai/a': { input: 1, output: 10 },
    'openai/b': { input: 2, output: 20 },
    'openai/free': { input: 0, output: 0 },
  }
  const plugins = [
    memoryStore(),
    prices({ prices: list, catalogue: false }),
    ledger({ spool, interval: '5ms' }),
    reader(),
  ]
  const setting = await setUp(steps, { script, others, plugins, config })
  return {
    setting,
    prices: priced!,
    rows: async () =>
      (await service!.read({}, { limit: 100 })).sort((a, b) =>
        String(a.data['target']).localeCompare(String(b.data['target'])),
      ),
    [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose](),
  }
}

const usage = (prompt: number, completion: number, cached = 0, reasoning = 0): JsonObject => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
})
const steps: ChainOptions['steps'] = {
  first: { model: 'openai/a', prompt: '{{input}}' },
  end: { model: 'openai/b', prompt: '{{steps.first.text}}' },
}
const FIRST = said('one', {}, 'stop', usage(1000, 100, 400, 30))
const NANO = 1000 * 1000 + 100 * 10_000 + 50 * 2000 + 5 * 20_000
const include = { usage: { include: true } }

describe('the usage of a chain is the sum of its steps’', () => {
  const sum = {
    prompt_tokens: 1050,
    completion_tokens: 105,
    total_tokens: 1155,
    prompt_tokens_details: { cached_tokens: 400 },
    completion_tokens_details: { reasoning_tokens: 30 },
    cost: NANO / 1e9,
  }

  test('in a whole answer', async () => {
    await using kept = await books(steps, { a: FIRST, b: said('two', {}, 'stop', usage(50, 5)) })
    expect((await kept.setting.ask(include)).json()).toMatchObject({ usage: sum })
  })

  test('in a stream, once', async () => {
    await using kept = await books(steps, { a: FIRST, b: spoken('two', usage(50, 5)) })
    const { text } = await kept.setting.ask({ ...include, stream: true, stream_options: { include_usage: true } })
    const told = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, event = '']) => JSON.parse(event) as JsonObject)
    expect(told.filter((event) => event['usage'])).toMatchObject([{ usage: sum }])
  })

  test('for a client of another API', async () => {
    await using kept = await books(steps, { a: FIRST, b: said('two', {}, 'stop', usage(50, 5)) })
    const body = { model: 'c', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }
    const headers = { 'x-sluice-include-cost': 'true' }
    const { usage: told } = (await kept.setting.gateway.request('/v1/messages', { body, headers })).json()
    expect(told).toMatchObject({
      input_tokens: 650,
      cache_read_input_tokens: 400,
      output_tokens: 105,
      cost: NANO / 1e9,
    })
  })

  test('that is estimated if one of them is', async () => {
    const b = json({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'two' }, finish_reason: 'stop' }],
    })
    await using kept = await books(steps, { a: FIRST, b })
    const reply = await kept.setting.ask()
    expect((reply.json()['usage'] as JsonObject)['prompt_tokens']).toBeGreaterThan(1000)
  })

  test('whose cost is unknown if that of one is', async () => {
    await using kept = await books(
      { ...steps, end: { ...steps['end']!, model: 'openai/unknown' } },
      { a: FIRST, unknown: 'two' },
    )
    const { usage: told } = (await kept.setting.ask(include)).json()
    expect(told).toMatchObject({ prompt_tokens: 1100 })
    expect(told).not.toHaveProperty('cost')
  })
})

test('a chain that is under way while the config is applied anew knows what its later steps cost', async () => {
  const go = Promise.withResolvers<void>()
  const held: UpstreamReply = async (request, response) => {
    await go.promise
    await FIRST(request, response)
  }
  await using kept = await books(steps, { a: held, b: said('two', {}, 'stop', usage(50, 5)) })
  const asked = kept.setting.ask(include)
  await kept.setting.upstream.request()
  await kept.setting.gateway.gateway.refresh()
  go.resolve()
  expect((await asked).json()).toMatchObject({ usage: { prompt_tokens: 1050, cost: NANO / 1e9 } })
})

describe('the ledger', () => {
  const costs = (rows: Rows): unknown[] =>
    rows.map(({ data }) => [data['model'], data['costNanoUsd'], data['inputTokens']])

  test.each([false, true])('charges every step, and the chain nothing besides (stream: %s)', async (stream) => {
    const b = stream ? spoken('two', usage(50, 5)) : said('two', {}, 'stop', usage(50, 5))
    await using kept = await books(steps, { a: FIRST, b })
    const reply = await kept.setting.ask({ stream })
    const rows = await kept.rows()
    const [chain, ...below] = rows
    expect(chain).toMatchObject({
      id: reply.headers['x-request-id'],
      data: { model: 'c', target: 'chain/c', outcome: 'ok', costNanoUsd: 0, priceSource: 'steps' },
    })
    expect(below.map(({ data }) => data['parent'])).toEqual([chain!.id, chain!.id])
    expect(costs(rows)).toEqual([
      ['c', 0, undefined],
      ['openai/a', 1000 * 1000 + 100 * 10_000, 600],
      ['openai/b', 50 * 2000 + 5 * 20_000, 50],
    ])
  })

  test('has what was spent on a chain that failed, and whom it was spent for', async () => {
    await using kept = await books(steps, { a: FIRST, b: json({ error: { message: 'Down.' } }, { status: 500 }) })
    const reply = await kept.setting.ask()
    expect(reply.status).toBe(500)
    expect(costs(await kept.rows())).toEqual([
      ['c', 0, undefined],
      ['openai/a', 2_000_000, 600],
      ['openai/b', 0, undefined],
    ])
  })

  test('has a failed step and what took its place, of which the sum is made', async () => {
    const more = { ...steps, first: { ...steps['first']!, fallback: { model: 'openai/free' } } }
    const script = {
      a: json({ error: { message: 'No.' } }, { status: 400 }),
      free: FIRST,
      b: said('two', {}, 'stop', usage(50, 5)),
    }
    await using kept = await books(more, script)
    const reply = await kept.setting.ask(include)
    expect(reply.json()).toMatchObject({ usage: { prompt_tokens: 1050, cost: 200_000 / 1e9 } })
    expect(costs(await kept.rows())).toEqual([
      ['c', 0, undefined],
      ['openai/a', 0, undefined],
      ['openai/b', 200_000, 50],
      ['openai/free', 0, 600],
    ])
  })

  test('has both answers of a step that had to be asked again', async () => {
    const schema = { type: 'object' }
    const more = { end: { model: 'openai/a', prompt: '{{input}}', schema } }
    await using kept = await books(more, { a: [FIRST, said('{}', {}, 'stop', usage(10, 1))] })
    expect((await kept.setting.ask(include)).json()).toMatchObject({
      usage: { prompt_tokens: 1010, cost: (2_000_000 + 20_000) / 1e9 },
    })
  })

  test('charges chains within chains once', async () => {
    const others = { d: { steps, output: 'end' } }
    const outer = {
      inner: { model: 'd', prompt: '{{input}}' },
      end: { model: 'openai/a', prompt: '{{steps.inner.text}}' },
    }
    const script = { a: [FIRST, said('three', {}, 'stop', usage(7, 1))], b: said('two', {}, 'stop', usage(50, 5)) }
    await using kept = await books(outer, script, others)
    const reply = await kept.setting.ask(include)
    expect(reply.json()).toMatchObject({
      usage: { prompt_tokens: 1057, completion_tokens: 106, cost: (NANO + 17_000) / 1e9 },
    })
    const rows = await kept.rows()
    expect(rows.reduce((sum, { data }) => sum + (data['costNanoUsd'] as number), 0)).toBe(NANO + 17_000)
    expect(rows.reduce((sum, { data }) => sum + ((data['inputTokens'] as number | undefined) ?? 0), 0)).toBe(657)
  })

  test('charges what took over when the chain itself had failed', async () => {
    const script = { a: json({ error: { message: 'Down.' } }, { status: 500 }), free: FIRST }
    const models = { assistant: { targets: ['chain/c', 'openai/free', 'openai/b'] } }
    await using kept = await books(steps, script, {}, { models })
    const reply = await kept.setting.ask({ ...include, model: 'assistant' })
    expect(reply.json()).toMatchObject({ usage: { prompt_tokens: 1000, cost: 0 } })
    const row = (await kept.rows()).find(({ data }) => data['model'] === 'assistant')
    expect(row!.data).toMatchObject({ target: 'openai/free', inputTokens: 600, costNanoUsd: 0, priceSource: 'config' })
  })

  test('knows what a chain costs besides its steps, for budgets that ask', async () => {
    await using kept = await books(steps, {})
    expect(kept.prices.quote({ provider: 'chain', model: 'c' })?.most(1000, 1000)).toBe(0)
  })

  test('has a chain whose client left as nothing, and its steps as unknown', async () => {
    await using kept = await books(steps, { a: stallBeforeHeaders() })
    const controller = new AbortController()
    const body = { model: 'c', messages: [{ role: 'user', content: 'Hello' }] }
    const asked = kept.setting.gateway.request('/v1/chat/completions', { body, signal: controller.signal })
    await kept.setting.upstream.request()
    controller.abort()
    await expect(asked).rejects.toThrow('aborted')
    await expect.poll(() => kept.rows()).toHaveLength(2)
    expect(costs(await kept.rows())).toEqual([
      ['c', 0, undefined],
      ['openai/a', null, undefined],
    ])
  })
})
