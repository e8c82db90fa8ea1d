import { errorInStream, htmlErrorPage, json, rateLimited, resetBeforeHeaders } from '@sluice/core/testing'
import { cutMidStream, sse, stallBeforeHeaders, stallMidStream, testPlugin } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { prices } from '@sluice/usage-prices'
import { costOf } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import { resilience } from '../src/index.ts'
import { fails, openaiStream, QUICK, stage, textOf } from './support/stage.ts'

testPlugin({ test, plugin: resilience({ fallbacks: [] }), supporting: [openaiDialect()] })

const chunk = (more: object): string => `data: ${JSON.stringify(more)}\n\n`
const PRICED = { targets: ['a/m', { target: 'c/claude', about: { inputPrice: 3, outputPrice: 15 } }] }

describe('an OpenAI client whose target fails is served by one that speaks another dialect', () => {
  const refusing: UpstreamReply = (_, response) => void response.socket?.destroy()
  const failures: [string, UpstreamReply, UpstreamReply?][] = [
    ['closed connection', refusing],
    ['reset', resetBeforeHeaders()],
    ['429', rateLimited(1)],
    ['500', fails(500)],
    ['503 of a proxy', htmlErrorPage(503)],
    ['529', fails(529, { message: 'Overloaded' })],
    ['408', fails(408)],
    ['409', fails(409)],
    ['401', fails(401)],
    ['403', fails(403)],
    ['402', fails(402)],
    ['stall', stallBeforeHeaders()],
    ['redirect', json({}, { status: 302 })],
    ['HTML with 200', htmlErrorPage(200)],
    [
      'error inside a 200',
      json({ error: { message: 'Overloaded', code: 'server_overloaded' } }),
      errorInStream({ error: { message: 'Overloaded', code: 'server_overloaded' } }),
    ],
    ['retired model', fails(404, { message: 'The model m does not exist', code: 'model_not_found' })],
  ]
  const cases = failures.flatMap(([name, whole, streamed = whole]) => [
    [name, false, whole] as const,
    [name, true, streamed] as const,
  ])
  test.each(cases)('%s, stream: %s', async (_, stream, reply) => {
    await using on = await stage({
      options: { ...QUICK, timeouts: { firstByte: '80ms', total: '80ms' } },
      models: { m: PRICED },
      plugins: [prices()],
    })
    on.a.reply(reply)
    const answer = await on.ask({ stream })
    expect(answer.status).toBe(200)
    expect(textOf(answer)).toBe('from c')
    expect(answer.headers).toMatchObject({ 'x-sluice-model': 'c/claude', 'x-sluice-attempts': '2' })
    expect([on.a.requests.length, on.c.requests.length]).toEqual([1, 1])
    await expect.poll(() => on.over.length).toBe(1)
    const [exchange] = on.over
    expect(exchange!.attempts.map(({ target }) => target.provider)).toEqual(['a', 'c'])
    expect(exchange!.usage).toMatchObject({ input: { total: 13 }, output: { total: 5 } })
    expect(costOf(exchange!)).toMatchObject({ nanoUsd: 13 * 3_000 + 5 * 15_000 })
  })

  test('refused connection', async () => {
    await using on = await stage({ models: { m: PRICED } })
    await on.a.close()
    for (const stream of [false, true]) expect(textOf(await on.ask({ stream }))).toBe('from c')
  })
})

describe('a stream', () => {
  test('that stalls after its headers is begun anew elsewhere', async () => {
    await using on = await stage({ options: { ...QUICK, timeouts: { firstByte: '60ms' } } })
    on.a.reply(stallMidStream())
    expect(textOf(await on.ask({ stream: true }))).toBe('from b')
  })

  test('that breaks after its first byte is not, and ends with an error that counts against the target', async () => {
    await using on = await stage({ options: { ...QUICK, breaker: { consecutive: 1 } } })
    const whole = openaiStream('half')
    on.a.reply(cutMidStream(whole, whole.indexOf('\n\n') + 20))
    const answer = await on.ask({ stream: true })
    expect(answer.text).toContain('"error"')
    expect(on.b.requests).toHaveLength(0)
    expect(textOf(await on.ask())).toBe('from b')
    expect(on.a.requests).toHaveLength(1)
  })

  test('that trickles is ended with an error, and its target counts as slow', async () => {
    await using on = await stage({
      options: { ...QUICK, breaker: { consecutive: 1 }, slowStream: { tokensPerSecond: 1000, for: '50ms' } },
    })
    const word = chunk({ id: 'c', created: 1, choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] })
    on.a.reply(sse(word.repeat(100), { chunk: 'frame', delayMs: 10 }))
    const answer = await on.ask({ stream: true })
    expect(answer.text).toMatch(/"code":"upstream_timeout"/)
    expect(answer.text).not.toContain('[DONE]')
    expect(textOf(await on.ask({ stream: true }))).toBe('from b')
  })
})

describe('what is the client’s fault', () => {
  test.each([
    ['400', fails(400, { message: 'Wrong', type: 'invalid_request_error' }), 400],
    ['404', fails(404, { message: 'No such thing' }), 404],
    ['413', fails(413, { message: 'Too large' }), 413],
    ['422', fails(422, { message: 'Wrong' }), 422],
    ['context window', fails(400, { message: 'Too long', code: 'context_length_exceeded' }), 400],
    ['content policy', fails(400, { message: 'No', code: 'content_filter' }), 400],
  ])('is tried once: %s', async (_, reply, status) => {
    await using on = await stage()
    on.a.reply(reply)
    expect((await on.ask()).status).toBe(status)
    expect([on.a.requests.length, on.b.requests.length]).toEqual([1, 0])
  })
})

describe('a single target', () => {
  const single = { m: 'a/m' }

  test('is called again until it answers', async () => {
    await using on = await stage({ models: single })
    on.a.reply(fails(500), resetBeforeHeaders(), fails(529), (request, response) => {
      void json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] })(request, response)
    })
    const answer = await on.ask()
    expect(answer.status).toBe(200)
    expect(answer.headers['x-sluice-attempts']).toBe('4')
  })

  test.each([
    ['as often as it may be', { ...QUICK, retries: { ...QUICK.retries, max: 2 } }, 3],
    ['not at all', { ...QUICK, retries: { max: 0 } }, 1],
    ['as often as this failure allows', { ...QUICK, retries: { ...QUICK.retries, server: 1 } }, 2],
    ['in so many calls', { ...QUICK, maxAttempts: 4 }, 4],
    ['within its budget', { ...QUICK, retryBudget: { perMinute: 1, ratio: 0 } }, 2],
    ['until its circuit opens', { ...QUICK, breaker: { consecutive: 3 } }, 3],
  ])('is called again %s', async (_, options, calls) => {
    await using on = await stage({ models: single, options })
    on.a.reply(fails(500))
    expect((await on.ask()).status).toBe(500)
    expect(on.a.requests).toHaveLength(calls)
  })

  test('that asks for a short wait gets it', async () => {
    await using on = await stage({ models: single })
    const at: number[] = []
    on.a.reply(
      (request, response) => {
        at.push(performance.now())
        return fails(429, { message: 'Slow down' }, { 'retry-after-ms': '60' })(request, response)
      },
      (request, response) => {
        at.push(performance.now())
        return json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] })(request, response)
      },
    )
    expect((await on.ask()).status).toBe(200)
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(58)
  })

  test.each([
    ['than it may take', { retries: { retryAfter: '1s' } }],
    ['than the request has time', { deadline: '1s' }],
  ])('that asks for a longer wait %s is not called again', async (_, options) => {
    await using on = await stage({ models: single, options })
    on.a.reply(rateLimited(2))
    const startedAt = performance.now()
    expect((await on.ask()).status).toBe(429)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(on.a.requests).toHaveLength(1)
  })

  test('has no more time than the deadline leaves', async () => {
    await using on = await stage({ models: single, options: { ...QUICK, deadline: '60ms' } })
    on.a.reply(stallBeforeHeaders())
    for (const stream of [false, true]) expect((await on.ask({ stream })).status).toBe(504)
    expect(on.a.requests).toHaveLength(2)
  })

  test('that asks for an hour is not waited for; the client is told, and others are left in peace', async () => {
    await using on = await stage({ models: single })
    on.a.reply(rateLimited(3600))
    const answer = await on.ask()
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3600'])
    expect(on.a.requests).toHaveLength(1)
  })

  test('whose circuit is open is tried once all the same, and closes if it does well', async () => {
    await using on = await stage({ models: single, options: { ...QUICK, breaker: { consecutive: 2, open: '1h' } } })
    on.a.reply(fails(500))
    await on.ask()
    expect(on.a.requests).toHaveLength(2)
    await on.ask()
    expect(on.a.requests).toHaveLength(3)
    on.a.reply(fails(500), fails(500), (request, response) =>
      json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [] })(request, response),
    )
    expect((await on.ask()).status).toBe(500)
    expect((await on.ask()).status).toBe(500)
    expect((await on.ask()).status).toBe(200)
    // Closed again: two failures are needed to open it.
    on.a.reply(fails(500))
    const before = on.a.requests.length
    await on.ask()
    expect(on.a.requests.length - before).toBe(2)
  })
})

describe('targets whose circuit is open', () => {
  test('are passed over: one that refuses the credential at once', async () => {
    await using on = await stage()
    on.a.reply(fails(401))
    for (let i = 0; i < 3; i++) expect(textOf(await on.ask())).toBe('from b')
    expect(on.a.requests).toHaveLength(1)
  })

  test('are passed over for as long as they ask for', async () => {
    await using on = await stage()
    on.a.reply(rateLimited(3600))
    for (let i = 0; i < 3; i++) expect(textOf(await on.ask())).toBe('from b')
    expect(on.a.requests).toHaveLength(1)
  })

  test('are tried one after the other’s turn if there are no others', async () => {
    await using on = await stage({ options: { ...QUICK, breaker: { open: '1h' } } })
    on.a.reply(fails(401))
    on.b.reply(fails(401))
    expect((await on.ask()).status).toBe(502)
    expect([on.a.requests.length, on.b.requests.length]).toEqual([1, 1])
    expect((await on.ask()).status).toBe(502)
    // The one that is to be tried again first.
    expect([on.a.requests.length, on.b.requests.length]).toEqual([2, 1])
  })

  test('take their provider’s other targets with them if all of those that are in use fail', async () => {
    await using on = await stage({
      models: { x: { targets: ['a/x', 'b/m'] }, y: { targets: ['a/y', 'b/m'] }, z: { targets: ['a/z', 'b/m'] } },
    })
    on.a.reply(fails(401))
    await on.ask({ model: 'x' })
    await on.ask({ model: 'y' })
    expect(on.a.requests).toHaveLength(2)
    expect(textOf(await on.ask({ model: 'z' }))).toBe('from b')
    expect(on.a.requests).toHaveLength(2)
  })
})

describe('a client that leaves', () => {
  test('during a wait ends it at once', async () => {
    await using on = await stage({ models: { m: 'a/m' }, options: { retries: { base: '20s', longest: '20s' } } })
    on.a.reply(fails(500))
    const controller = new AbortController()
    const answer = on.ask({}, { signal: controller.signal }).catch((error: unknown) => error)
    await expect.poll(() => on.a.requests.length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const leftAt = performance.now()
    controller.abort()
    await answer
    await expect.poll(() => on.over.length).toBe(1)
    expect(performance.now() - leftAt).toBeLessThan(1000)
    expect(on.over[0]!.outcome).toBe('client_closed')
    expect(on.a.requests).toHaveLength(1)
  })

  test('is no failure of the target', async () => {
    await using on = await stage({ options: { ...QUICK, breaker: { consecutive: 1 } } })
    on.a.reply(stallBeforeHeaders())
    const controller = new AbortController()
    const answer = on.ask({}, { signal: controller.signal }).catch((error: unknown) => error)
    await expect.poll(() => on.a.requests.length).toBe(1)
    controller.abort()
    await answer
    await expect.poll(() => on.over.length).toBe(1)
    on.a.reply(fails(400))
    expect((await on.ask()).status).toBe(400)
  })
})
