import { COST } from '@sluice/usage-kit'
import { json, stallBeforeHeaders } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { claudeSays, FIGURES, plugin, says, setUp, streams, watcher } from './support/setting.ts'

test('a copy goes to the other target, in its dialect, and the answers are compared', async () => {
  await using setting = await setUp()
  expect((await setting.ask()).status).toBe(200)
  const [row] = await setting.rows(1)
  expect(row).toEqual({
    id: expect.any(String),
    time: expect.any(String),
    exchange: expect.any(String),
    model: 'm',
    target: 'other/claude',
    stream: false,
    ...FIGURES,
    similarity: expect.closeTo(0.95, 1),
  })
  expect(setting.other.requests[0]!.json()).toMatchObject({
    model: 'claude',
    messages: [{ role: 'user', content: expect.anything() }],
  })
})

test('a streamed request is copied as a stream', async () => {
  await using setting = await setUp({ target: 'up/large', keepTexts: true })
  setting.upstream.reply(streams('Paris', ' it', ' is'), streams('Paris', ' it', ' was'))
  const reply = await setting.ask({ stream: true })
  expect(reply.text).toContain('[DONE]')
  const [row] = await setting.rows(1)
  expect(row).toMatchObject({
    stream: true,
    text: 'Paris it is',
    mirrorText: 'Paris it was',
    ttftMs: expect.any(Number),
    mirrorTtftMs: expect.any(Number),
    outputTokens: 3,
  })
  // Otherwise few would tell.
  expect(setting.upstream.requests[1]!.json()).toMatchObject({ stream: true, stream_options: { include_usage: true } })
})

test('it is made when the client has been served, and not before', async () => {
  const events: string[] = []
  const order = plugin('order', ({ hooks }) => {
    hooks.onComplete.tap('served', ({ operation, start }) => {
      if (operation === 'chat' && !start.parent) events.push('served')
    })
  })
  await using setting = await setUp(undefined, { plugins: [order] })
  setting.other.reply((request, response) => {
    events.push('copied')
    return claudeSays('Paris')(request, response)
  })
  await setting.ask()
  await setting.rows(1)
  expect(events).toEqual(['served', 'copied'])
})

test('a copy that hangs is cut off and counted, and the client knows nothing of it', async () => {
  await using setting = await setUp({ target: 'other/claude', timeout: '30ms' })
  setting.other.reply(stallBeforeHeaders())
  expect((await setting.ask()).status).toBe(200)
  const [row] = await setting.rows(1)
  expect(row).toMatchObject({ outcome: 'timeout', served: 'up/small' })
  expect(row).not.toHaveProperty('durationMs')
})

test('a copy that fails is counted', async () => {
  await using setting = await setUp()
  setting.other.reply(json({ type: 'error', error: { type: 'api_error', message: 'Oh.' } }, { status: 500 }))
  expect((await setting.ask()).status).toBe(200)
  expect((await setting.rows(1))[0]).toMatchObject({ outcome: 'failed', error: 'upstream_error' })
})

test('more copies than are allowed at once are skipped', async () => {
  await using setting = await setUp({ target: 'other/claude', maxInFlight: 1, timeout: '300ms' })
  setting.other.reply(stallBeforeHeaders())
  await setting.ask()
  await setting.other.request(0)
  await setting.ask()
  expect((await setting.rows(1))[0]).toMatchObject({ outcome: 'skipped' })
  const outcomes = (await setting.rows(2)).map(({ outcome }) => outcome)
  expect(new Set(outcomes)).toEqual(new Set(['skipped', 'timeout']))
  expect(setting.other.requests).toHaveLength(1)
})

describe('nothing is copied', () => {
  const sure = { targets: ['up/small'], shadow: { target: 'other/claude' } }

  test.each([
    ['where it is off', { target: 'other/claude', percent: 0 }, {}],
    ['of a model that has no section', { target: 'other/claude' }, { model: 'plain' }],
    ['of callers that it is not for', { target: 'other/claude', when: { keys: { tags: ['paid'] } } }, {}],
    ['of requests without the header', { target: 'other/claude', when: { headers: { 'x-shadow': true } } }, {}],
  ])('%s', async (_, section, request) => {
    const { chats, watch } = watcher()
    await using setting = await setUp(section, { plugins: [watch], models: { sure } })
    await setting.ask(request)
    await setting.ask({ ...request, stream: true })
    // What comes later has overtaken nothing.
    await setting.ask({ model: 'sure' })
    expect((await setting.rows(1))[0]).toMatchObject({ model: 'sure' })
    expect(chats.map(({ model }) => model)).toEqual([...Array(2).fill(chats[0]!.model), 'sure', 'other/claude'])
  })

  test('of a request that was refused', async () => {
    await using setting = await setUp()
    setting.upstream.reply(json({ error: { message: 'No.' } }, { status: 400 }), says('Yes.'))
    expect((await setting.ask()).status).toBe(400)
    expect((await setting.ask()).status).toBe(200)
    await setting.rows(1)
    expect(setting.other.requests).toHaveLength(1)
  })

  test('of a copy', async () => {
    const { chats, watch } = watcher()
    const models = { n: { targets: ['up/large'], shadow: { target: 'm' } } }
    await using setting = await setUp({ target: 'n' }, { plugins: [watch], models })
    await setting.ask()
    await setting.rows(1)
    expect(chats.map(({ model }) => model)).toEqual(['m', 'n'])
  })
})

test('defaults hold for all models, and a model’s own section wins', async () => {
  const options = { target: 'up/large', keepTexts: true }
  await using setting = await setUp({ target: 'other/claude' }, { options })
  await setting.ask({ model: 'plain' })
  expect((await setting.rows(1))[0]).toMatchObject({ model: 'plain', target: 'up/large', text: expect.any(String) })
  await setting.ask()
  expect((await setting.rows(2))[0]).toMatchObject({ model: 'm', target: 'other/claude', text: expect.any(String) })
})

test('each of several targets gets a copy', async () => {
  await using setting = await setUp({ target: ['other/claude', 'up/large'] })
  await setting.ask()
  const targets = (await setting.rows(2)).map(({ target }) => target)
  expect(new Set(targets)).toEqual(new Set(['other/claude', 'up/large']))
})

test('copies are billed to a principal of their own, in the name of the request', async () => {
  const { chats, watch } = watcher()
  const options = { principal: { id: 'experiments', team: 'research' } }
  await using setting = await setUp(undefined, { plugins: [watch], options })
  await setting.ask()
  await setting.rows(1)
  expect(chats[0]!.principal.id).toBe('client')
  expect(chats[1]!.principal).toEqual({ id: 'experiments', team: 'research', roles: ['client'] })
  expect(chats[1]!.start.parent).toBe(chats[0])
  expect(chats[1]!.headers).toEqual({})
})

test('a copy says what was left when others had redacted the request', async () => {
  const redact = plugin('redact', ({ hooks }) => {
    hooks.transformRequest.tap('redact', (request, { start }) => {
      if (start.parent || request.operation !== 'chat') return undefined
      return { ...request, messages: [{ role: 'user', parts: [{ type: 'text', text: 'XXX' }] }] }
    })
  })
  await using setting = await setUp(undefined, { plugins: [redact] })
  await setting.ask()
  await setting.rows(1)
  const copied = setting.other.requests[0]!.body.toString()
  expect(copied).toContain('XXX')
  expect(copied).not.toContain('France')
})

test('costs are compared where both are known', async () => {
  const price = plugin('price', ({ hooks }) => {
    hooks.onUsage.tap('price', (usage, exchange) => {
      const nanoUsd = usage!.output.total * 1000
      exchange.set(COST, { nanoUsd, source: 'test', rates: {} })
    })
  })
  await using setting = await setUp(undefined, { plugins: [price] })
  await setting.ask()
  expect((await setting.rows(1))[0]).toMatchObject({ costUsd: 0.000002, mirrorCostUsd: 0.000003 })
})

test('only what is asked for is compared', async () => {
  await using setting = await setUp({ target: 'other/claude', compare: ['similarity'] })
  await setting.ask()
  const [row] = await setting.rows(1)
  expect(row).toHaveProperty('similarity')
  expect(row).not.toHaveProperty('durationMs')
  expect(row).not.toHaveProperty('inputTokens')
})

test.each([
  {
    target: ['other/claude-sonnet-4-5', 'plain'],
    percent: 10,
    when: { keys: { tags: ['beta'] }, headers: { 'x-shadow': true } },
    compare: ['latency', 'tokens', 'cost', 'similarity', 'judge'],
    judge: { model: 'plain', prompt: 'Which answer is the better translation? …' },
    maxInFlight: 10,
    timeout: '60s',
  },
  { record: { percent: 1 } },
  { record: { percent: 1, to: 'journal' }, percent: 0 },
])('a gateway starts with the section %j', async (section) => {
  await using setting = await setUp(section)
  expect(setting.gateway.log.text()).not.toContain('warn')
})

describe('a judge', () => {
  const section = { target: 'other/claude', judge: { model: 'up/judge' }, compare: ['judge'] }

  test('gives marks, and does not know whose answer is whose', async () => {
    await using setting = await setUp(section)
    setting.upstream.reply(says('Paris'), (request, response) => {
      const { messages } = request.json() as { messages: { content: string }[] }
      const { a, b } = JSON.parse(messages[1]!.content) as { a: string; b: string }
      expect(new Set([a, b])).toEqual(new Set(['Paris', 'The capital of France is Paris!']))
      return says(JSON.stringify({ a: a === 'Paris' ? 9 : 3, b: b === 'Paris' ? 9 : 3 }))(request, response)
    })
    await setting.ask()
    expect((await setting.rows(1))[0]).toMatchObject({ mark: 9, mirrorMark: 3 })
    expect(setting.upstream.requests[1]!.json()).toMatchObject({
      model: 'judge',
      response_format: { type: 'json_schema' },
    })
  })

  test.each([
    ['garbage', says('Both are fine.')],
    ['half of it', says('{"a": 3}')],
    ['marks beyond the scale', says('{"a": 3, "b": 11}')],
    ['an error', json({ error: { message: 'No.' } }, { status: 500 })],
  ])('%s is no mark', async (_, reply) => {
    await using setting = await setUp(section)
    setting.upstream.reply(says('Paris'), reply)
    await setting.ask()
    const [row] = await setting.rows(1)
    expect(row).toMatchObject({ outcome: 'ok' })
    expect(row).not.toHaveProperty('mark')
    const { data } = (await setting.admin('')).json()
    expect(data).toMatchObject([{ judge: { count: 0, without: 1 } }])
  })

  test('that is asked for has to be named', async () => {
    await expect(setUp({ target: 'other/claude', compare: ['judge'] })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('models[m].shadow'),
    })
  })
})

test('what stops while a copy hangs stops soon', async () => {
  const setting = await setUp({ target: 'other/claude' })
  setting.other.reply(stallBeforeHeaders())
  await setting.ask()
  await setting.other.request(0)
  await setting[Symbol.asyncDispose]()
  expect(setting.other.sockets).toBe(0)
})

test('a target that nobody serves is told of in the log', async () => {
  await using setting = await setUp({ target: 'nowhere/model' })
  expect(setting.gateway.log.text()).toContain('nowhere/model')
})
