import { exchangeKey } from '@sluice/core'
import type { Exchange, JsonObject } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { why } from '@sluice/route-kit'
import { Store } from '@sluice/store-kit'
import { memoryStore } from '@sluice/store-memory'
import { describe, expect, test } from 'vitest'
import { explain } from '../src/index.ts'
import { plugin, refusing, setUp } from './support/setting.ts'

const request = { model: 'pair', messages: [{ role: 'user', content: 'Hello' }] }

test('a dry run tells what would be called, and calls nobody', async () => {
  await using setting = await setUp()
  const reply = await setting.explain({ request })
  expect(reply.status).toBe(200)
  expect(reply.json()).toMatchObject({
    outcome: 'would-call',
    target: 'up/small',
    model: 'pair',
    operation: 'chat',
    as: { id: 'operator', team: 'ops' },
    error: null,
    candidates: [
      { target: 'up/small', place: 1, traits: {}, mostUsd: null },
      { target: 'up/large', place: 2, traits: { weight: 3 } },
    ],
    attempts: [],
    estimate: { inputTokens: expect.any(Number), limited: false },
  })
  expect(setting.upstream.requests).toEqual([])
})

test.each([
  ['anthropic', { model: 'pair', max_tokens: 7, stream: true, messages: [{ role: 'user', content: 'Hi' }] }, 'chat'],
  ['openai-chat', { model: 'up/embedder', input: 'Hi' }, 'embeddings'],
])('a body of the dialect %s is understood', async (dialect, body, operation) => {
  await using setting = await setUp()
  const told = (await setting.explain({ request: body, dialect, operation })).json()
  expect(told).toMatchObject({ outcome: 'would-call', model: body.model, operation, stream: 'stream' in body })
})

test.each([
  ['an unknown dialect', { request, dialect: 'klingon' }, 'dialect'],
  [
    'an operation that the dialect has no words for',
    { request, dialect: 'anthropic', operation: 'rerank' },
    'operation',
  ],
  ['a body that is no request', { request: { model: 'pair', messages: 7 } }, 'messages'],
  ['an unknown key', { request, as: 'key_nobody' }, 'as'],
  ['permissions that nobody gave', { request, as: { permissions: ['*'] } }, undefined],
])('%s is the caller’s mistake', async (_, body: JsonObject, param) => {
  await using setting = await setUp()
  const reply = await setting.explain(body)
  expect(reply.status).toBe(400)
  const { error } = reply.json() as { error: { code: string; param?: string } }
  expect(error.code).toBe('invalid_request')
  if (param !== undefined) expect(error.param).toBe(param)
})

test('a gateway whose dry runs would ask models does not start', async () => {
  const boot = createTestGateway({ plugins: [memoryStore(), explain({}, { id: 'why', when: { models: ['pair'] } })] })
  await expect(boot).rejects.toMatchObject({
    code: 'plugin_options',
    message: expect.stringContaining('plugins[why].when'),
  })
})

test('clients may not ask', async () => {
  await using setting = await setUp()
  expect((await setting.explain({ request }, 'client')).status).toBe(403)
})

test('the header that asks changes nothing, also where the caller may not send it', async () => {
  await using setting = await setUp([plugin('before', ({ hooks }) => hooks.admit.tap('look', () => undefined))])
  const asked = { request, as: { team: 'red' }, headers: { 'x-sluice-explain': '1' } }
  expect((await setting.explain(asked)).json()).toMatchObject({
    outcome: 'would-call',
    taps: [{ hook: 'admit', plugin: 'before', name: 'look' }],
    timings: { admit: expect.any(Number) },
  })
})

test('a refusal says who refused, and which taps had their turn', async () => {
  await using setting = await setUp([
    plugin('before', ({ hooks }) => hooks.admit.tap('look', () => undefined)),
    refusing('admit'),
    plugin('after', ({ hooks }) => hooks.admit.tap('look', () => undefined)),
  ])
  expect((await setting.explain({ request })).json()).toMatchObject({
    outcome: 'refused',
    target: null,
    error: { code: 'budget_exceeded', status: 402, plugin: 'test-refusal', hook: 'admit' },
    candidates: [
      { target: 'up/small', place: null },
      { target: 'up/large', place: null },
    ],
    taps: [
      { hook: 'admit', plugin: 'before', name: 'look', stage: 'normal' },
      { hook: 'admit', plugin: 'test-refusal', name: 'refuse', stage: 'normal' },
    ],
  })
})

test('an unknown model is a refusal', async () => {
  await using setting = await setUp()
  expect((await setting.explain({ request: { ...request, model: 'pear' } })).json()).toMatchObject({
    outcome: 'refused',
    error: { code: 'model_not_found', status: 404 },
    candidates: [],
  })
})

test('taps of instances that are for others are left out', async () => {
  const forOthers = { ...plugin('others', ({ hooks }) => hooks.admit.tap('look', () => undefined)) }
  await using setting = await setUp([{ ...forOthers, settings: { when: { models: ['gpt-*'] } } }])
  expect((await setting.explain({ request })).json()).toMatchObject({ taps: [] })
})

test('what plugins say of a defect is told to operators', async () => {
  await using setting = await setUp([
    plugin('broken', ({ hooks }) => {
      hooks.beforeRoute.tap('break', () => {
        throw new Error('a division by zero')
      })
    }),
  ])
  expect((await setting.explain({ request })).json()).toMatchObject({
    error: { code: 'plugin_error', message: 'a division by zero', plugin: 'broken', hook: 'beforeRoute' },
  })
})

describe('on behalf of somebody', () => {
  /** What hooks are shown of the caller and of the request. */
  function watched() {
    const seen: Exchange[] = []
    const watcher = plugin('watcher', ({ hooks, find }) => {
      hooks.ready.tap('key', async () => {
        const key = { name: 'Ada', team: 'red', user: 'ada', tags: ['free'], roles: ['client'], hash: 'secret' }
        await find(Store)!.put('keys', 'key_ada', { ...key, limits: { requests: '1/min' } })
      })
      hooks.authorize.tap('watch', (exchange) => void (exchange.operation === 'chat' && seen.push(exchange)))
    })
    return { seen, watcher }
  }

  test('a key’s id stands for what its record says, but for its secret', async () => {
    const { seen, watcher } = watched()
    await using setting = await setUp([watcher])
    const told = (await setting.explain({ request, as: 'key_ada' })).json()
    expect(told).toMatchObject({ as: { id: 'key_ada', key: 'key_ada', team: 'red', user: 'ada', tags: ['free'] } })
    expect(seen[0]!.principal).toEqual({
      id: 'key_ada',
      key: 'key_ada',
      name: 'Ada',
      team: 'red',
      user: 'ada',
      tags: ['free'],
      roles: ['client'],
      scopes: [
        { kind: 'key', id: 'key_ada', sections: { limits: { requests: '1/min' } } },
        { kind: 'user', id: 'ada', sections: {} },
      ],
    })
  })

  test('fields and headers are as if a client had sent them', async () => {
    const { seen, watcher } = watched()
    await using setting = await setUp([watcher])
    await setting.explain({ request, as: { team: 'red' }, headers: { 'X-Region': 'eu' } })
    expect(seen[0]!.principal).toEqual({ id: 'dry-run', team: 'red' })
    expect(seen[0]!.headers).toEqual({ 'x-region': 'eu' })
  })
})

test('it leaves no trace: no attempt is counted, what was reserved is settled, nothing was answered', async () => {
  const HELD = exchangeKey<true>('test/held')
  const ends: object[] = []
  const errors: unknown[] = []
  const verdicts: unknown[] = []
  let held = 0
  const keeper = plugin('keeper', ({ hooks }) => {
    hooks.admit.tap('hold', (exchange) => {
      held++
      exchange.set(HELD, true)
    })
    hooks.onAttemptError.tap('judge', (attempt) => void verdicts.push(attempt))
    hooks.onComplete.tap('settle', ({ attempts, answered, usage, outcome, operation, error }: Exchange) => {
      if (operation !== 'chat') return
      errors.push(error?.code)
      held--
      ends.push({ attempts: attempts.length, answered, usage, outcome })
    })
  })
  await using setting = await setUp([keeper])
  await setting.explain({ request })
  expect(held).toBe(0)
  expect(verdicts).toEqual([])
  expect(errors).toEqual(['client_closed'])
  expect(ends).toEqual([{ attempts: 0, answered: false, usage: undefined, outcome: 'client_closed' }])
})

test('what a guard asks a model on its behalf is not asked either', async () => {
  const guard = plugin('guard', ({ hooks, gateway }) => {
    hooks.admit.tap('judge', async (exchange) => {
      if (exchange.start.parent?.operation !== 'operator') return
      const judge = { ...exchange.request, model: 'up/judge' }
      await gateway.dispatch(judge, { parent: exchange })
    })
  })
  await using setting = await setUp([guard])
  expect((await setting.explain({ request })).json()).toMatchObject({
    outcome: 'refused',
    error: { code: 'client_closed' },
  })
  expect(setting.upstream.requests).toEqual([])
})

test.each([false, true])('an answer from a cache ends it, streamed: %s', async (stream) => {
  const cache = plugin('cache', ({ hooks }) => {
    hooks.lookup.tap('hit', async (exchange) => {
      if (!exchange.stream) return { operation: 'chat', choices: [], extensions: {} } as const
      return (async function* () {
        yield { type: 'text-delta', block: 0, text: 'kept' } as const
        yield { type: 'finish', finish: { unified: 'stop' } } as const
      })()
    })
  })
  await using setting = await setUp([cache])
  const told = (await setting.explain({ request: { ...request, stream } })).json()
  expect(told).toMatchObject({ outcome: 'answered', target: null, error: null })
})

test('the limits that a client would be told of are told', async () => {
  const limits = plugin('limits', ({ hooks }) => {
    hooks.onResponse.tap('headers', ({ headers }) => void (headers['x-ratelimit-remaining-requests'] = '41'))
  })
  await using setting = await setUp([limits])
  expect((await setting.explain({ request })).json()).toMatchObject({
    limits: { 'x-ratelimit-remaining-requests': '41' },
  })
})

test('plugins are asked why', async () => {
  const rules = plugin('rules', ({ hooks }) => {
    hooks.beforeRoute.tap({ name: 'rule', stage: 'first' }, (targets, exchange) => {
      why(exchange)?.excluded(targets[0]!, 'rules', 'its context window is too small')
      why(exchange)?.excluded({ provider: 'up', model: 'gone' }, 'rules', 'it has been retired')
      return targets.slice(1)
    })
  })
  await using setting = await setUp([rules])
  expect((await setting.explain({ request })).json()).toMatchObject({
    target: 'up/large',
    candidates: [
      { target: 'up/large', place: 1, excluded: [] },
      { target: 'up/small', place: null, excluded: [{ plugin: 'rules', reason: 'its context window is too small' }] },
      { target: 'up/gone', place: null, excluded: [{ plugin: 'rules', reason: 'it has been retired' }] },
    ],
  })
})
