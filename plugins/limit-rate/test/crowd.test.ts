import { definePlugin } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { cutMidStream, json, resetBeforeHeaders } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { answer, crowd, farAway, Random, tally } from '@sluice/limit-kit/testing'
import { stage } from './support/stage.ts'

/** Adds up what answers used, as whoever keeps books would. */
function books() {
  const used = { tokens: 0, requests: 0, gone: 0 }
  const plugin = definePlugin({
    name: 'test-books',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.onComplete.tap('add', ({ usage, answered, outcome, attempts }) => {
        used.tokens += usage ? usage.input.total + usage.output.total : 0
        if (outcome === 'client_closed') used.gone++
        if (answered || (outcome === 'client_closed' && attempts.length > 0)) used.requests++
      }),
  })
  return { used, plugin: plugin() }
}

const stream = { stream: true, stream_options: { include_usage: true } }
const DAY = 86_400_000

describe.each([
  ['at hand', undefined],
  ['far away', farAway],
])('200 clients, counters %s', (_, counters) => {
  const base = counters ? { counters } : {}

  test('get 1,000 requests out of a limit of 1,000, and not one more', { timeout: 60_000 }, async () => {
    await using on = await stage({
      ...base,
      options: { rules: [{ name: 'all', requests: '1000/day', concurrency: 200 }] },
    })
    const statuses = await crowd(
      200,
      1200,
      async (index) => (await on.ask(undefined, index % 3 === 0 ? stream : {})).status,
    )
    expect(tally(statuses)).toEqual({ 200: 1000, 429: 200 })
    expect(on.upstream.requests).toHaveLength(1000)
    await expect.poll(() => on.left('limit-rate|rule|all|concurrency|', 200, 0)).toBe(200)
    expect(on.left('limit-rate|rule|all|requests|', 1000, DAY)).toBe(0)
  })

  test('get as many answers out of 100,000 tokens as fit, and not one more', { timeout: 60_000 }, async () => {
    await using on = await stage({ ...base, options: { rules: [{ name: 'all', tokens: '100k/day' }] } })
    const probe = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 200 })
    const input = Math.ceil(Buffer.byteLength(probe) / 4)
    on.upstream.reply(answer(input, 200, 2))
    const statuses = await crowd(200, 700, async () => (await on.ask(undefined, { max_tokens: 200 })).status)
    const fit = Math.floor(100_000 / (input + 200))
    expect(tally(statuses)).toEqual({ 200: fit, 429: 700 - fit })
    await expect.poll(() => on.left('limit-rate|rule|all|tokens|', 100_000, DAY)).toBe(100_000 - fit * (input + 200))
  })

  test(
    'never use more than the limit, whatever happens to them, and all that was not used is there again',
    { timeout: 60_000 },
    async () => {
      const { used, plugin } = books()
      await using on = await stage({
        ...base,
        plugins: [plugin],
        options: {
          rules: [
            { name: 'all', tokens: '40k/day', requests: '100k/day', concurrency: 150 },
            { name: 'wait', per: ['model'], concurrency: 100, queue: { max: 200, timeout: '20s' } },
            { name: 'class', tokens: '40k/day', shares: { high: 0.3, low: 0.3 }, saturation: 1 },
          ],
        },
      })
      const random = new Random(7)
      const cut = `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta: { content: 'word '.repeat(30) }, finish_reason: null }] })}\n\n`
      const replies: UpstreamReply[] = [
        answer(20, 100, 5),
        answer(20, 180),
        json({ error: { message: 'no' } }, { status: 400 }),
        json({ error: { message: 'down' } }, { status: 503 }),
        resetBeforeHeaders(),
        cutMidStream(cut + cut, cut.length + 5),
        answer(20, 3, 40),
      ]
      on.upstream.reply((request, response) => random.pick(replies)(request, response))
      const outcomes = await crowd(200, 900, async (index) => {
        const more: JsonObject = { max_tokens: random.pick([180, 200, 300]), ...(index % 2 === 0 && stream) }
        const leaver = random.next() < 0.15 ? AbortSignal.timeout(random.integer(1, 20)) : undefined
        return on.ask(undefined, more, leaver).then(
          ({ status }) => status,
          () => 'broken off',
        )
      })
      expect(Object.keys(tally(outcomes)).sort()).toEqual(
        expect.arrayContaining(['200', '400', '429', '502', '503', 'broken off']),
      )
      await expect.poll(() => on.left('limit-rate|rule|all|concurrency|', 150, 0)).toBe(150)
      await expect.poll(() => on.left('limit-rate|rule|wait|concurrency|m', 100, 0)).toBe(100)
      on.upstream.reply(answer(20, 180))
      while ((await on.ask(undefined, { max_tokens: 180 })).status !== 429);
      await expect.poll(() => on.left('limit-rate|rule|all|tokens|', 40_000, DAY)).toBeLessThan(210)
      expect(used.tokens).toBeLessThanOrEqual(40_000)
      await expect.poll(() => on.left('limit-rate|rule|all|requests|', 100_000, DAY)).toBe(100_000 - used.requests)
      expect(on.left('limit-rate|rule|all|tokens|', 40_000, DAY)).toBe(40_000 - used.tokens)
      const shares = [
        ['high', 12_000],
        ['low', 12_000],
        ['all', 16_000],
        ['normal', 0],
      ] as const
      const left = shares.reduce(
        (sum, [name, size]) => sum + on.left(`limit-rate|rule|class|tokens||${name}`, size, DAY),
        0,
      )
      expect(left).toBe(40_000 - used.tokens)
    },
  )
})

describe('requests that may wait', () => {
  test('are all served in the end, a few at a time', { timeout: 30_000 }, async () => {
    await using on = await stage({
      options: { rules: [{ name: 'few', concurrency: 5, queue: { max: 200, timeout: '20s' } }] },
    })
    let now = 0
    let most = 0
    on.upstream.reply(async (request, response) => {
      most = Math.max(most, ++now)
      await sleep(2)
      now--
      await answer()(request, response)
    })
    const statuses = await crowd(200, 400, async () => (await on.ask()).status)
    expect(tally(statuses)).toEqual({ 200: 400 })
    expect(most).toBeLessThanOrEqual(5)
    expect(most).toBeGreaterThan(3)
  })

  test('are told how the limits stand when they are let in', async () => {
    const rules = [
      { name: 'one', concurrency: 1, queue: { max: 5, timeout: '20s' } },
      { name: 'all', requests: '100/day' },
    ]
    await using on = await stage({ options: { rules } })
    on.upstream.reply(answer(10, 10, 30))
    const replies = await Promise.all([on.ask(), on.ask(), on.ask()])
    for (const { status, headers } of replies) {
      expect([status, headers['x-ratelimit-limit-requests'], headers.ratelimit]).toEqual([
        200,
        '100',
        expect.stringContaining('"one-concurrency";r=0'),
      ])
    }
  })

  test('give their place up when their client leaves', async () => {
    const { used, plugin } = books()
    await using on = await stage({
      plugins: [plugin],
      options: { rules: [{ name: 'one', concurrency: 1, queue: { max: 1, timeout: '20s' } }] },
    })
    let answerFirst: (() => void) | undefined
    on.upstream.reply(async (request, response) => {
      await new Promise<void>((resolve) => (answerFirst = resolve))
      await answer()(request, response)
    }, answer())
    const first = on.ask()
    await expect.poll(() => answerFirst).toBeDefined()
    const leaver = new AbortController()
    const second = on.ask(undefined, {}, leaver.signal).catch(() => 'left')
    await expect.poll(async () => (await on.ask()).status).toBe(429)
    leaver.abort()
    expect(await second).toBe('left')
    await expect.poll(() => used.gone).toBe(1)
    const third = on.ask()
    await sleep(20)
    answerFirst!()
    expect([(await first).status, (await third).status]).toEqual([200, 200])
  })
})
