import { definePlugin } from '@sluice/core'
import type { JsonObject } from '@sluice/core'
import { cutMidStream, json, resetBeforeHeaders } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { costOf } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import { answer, crowd, farAway, Random, tally } from '@sluice/limit-kit/testing'
import { INPUT, OUTPUT, stage } from './support/stage.ts'

const DOLLAR = 1e9
const KEY = 'limit-budget|rule|all|total:|'
const options = { rules: [{ name: 'all', amount: 1, period: 'total' }] }
const stream = { stream: true, stream_options: { include_usage: true } }

/** Adds up what was paid. */
function books() {
  const paid = { nanoUsd: 0 }
  const plugin = definePlugin({
    name: 'test-books',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.onComplete.tap('add', (exchange) => void (paid.nanoUsd += costOf(exchange)?.nanoUsd ?? 0)),
  })
  return { paid, plugin: plugin() }
}

describe.each([
  ['at hand', undefined],
  ['far away', farAway],
])('200 clients with one dollar, counters %s', (_, counters) => {
  const base = counters ? { counters } : {}

  test('get as many answers as it pays for, and not one more', { timeout: 60_000 }, async () => {
    await using on = await stage({ ...base, options })
    const probe = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 200 })
    const input = Math.ceil(Buffer.byteLength(probe) / 4)
    const cost = input * INPUT + 200 * OUTPUT
    on.upstream.reply(answer(input, 200, 2))
    const statuses = await crowd(200, 700, async () => (await on.ask(undefined, { max_tokens: 200 })).status)
    const fit = Math.floor(DOLLAR / cost)
    expect(tally(statuses)).toEqual({ 200: fit, 402: 700 - fit })
    await expect.poll(() => on.left(KEY, 1)).toBe(DOLLAR - fit * cost)
  })

  test('never spend more, whatever happens, and what was not spent is there again', { timeout: 60_000 }, async () => {
    const { paid, plugin } = books()
    await using on = await stage({ ...base, options, plugins: [plugin] })
    const random = new Random(11)
    const delta = { index: 0, delta: { content: 'word '.repeat(30) }, finish_reason: null }
    const cut = `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [delta] })}\n\n`
    const replies: UpstreamReply[] = [
      answer(20, 150, 5),
      answer(20, 400),
      answer(20, 1, 30),
      json({ error: { message: 'no' } }, { status: 400 }),
      json({ error: { message: 'down' } }, { status: 503 }),
      resetBeforeHeaders(),
      cutMidStream(cut + cut, cut.length + 5),
    ]
    on.upstream.reply((request, response) => random.pick(replies)(request, response))
    const outcomes = await crowd(200, 900, async (index) => {
      const more: JsonObject = { max_tokens: random.pick([400, 600, 1000]), ...(index % 2 === 0 && stream) }
      const leaver = random.next() < 0.15 ? AbortSignal.timeout(random.integer(1, 20)) : undefined
      return on.ask(undefined, more, leaver).then(
        ({ status }) => status,
        () => 'broken off',
      )
    })
    expect(Object.keys(tally(outcomes))).toEqual(expect.arrayContaining(['200', '400', '502', '503', 'broken off']))
    on.upstream.reply(answer(20, 400))
    while ((await on.ask(undefined, { max_tokens: 400 })).status !== 402);
    await expect.poll(() => on.left(KEY, 1)).toBe(DOLLAR - paid.nanoUsd)
    expect(paid.nanoUsd).toBeLessThanOrEqual(DOLLAR)
    expect(paid.nanoUsd).toBeGreaterThan(DOLLAR - 400 * OUTPUT - 30 * INPUT)
  })
})
