import { GatewayError } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { COST } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import type { Assignment } from '../src/live.ts'
import { sampleOf } from '../src/sample.ts'

/** Targets of provider `new` are of the arm. */
const assignment = { arm: 1, live: { armOf: ({ provider }: { provider: string }) => (provider === 'new' ? 1 : 0) } }

interface Call {
  at: string
  error?: string
  hook?: string
}

/** Calls that began a second after each other, and took half of one. */
function exchangeOf(calls: readonly Call[], more: object = {}): Exchange {
  const attempts = calls.map(({ at, error, hook }, index) => ({
    target: { provider: at, model: 'm' },
    startedAt: 1000 * index,
    firstByteAt: 1000 * index + 100,
    endedAt: 1000 * index + 500,
    error:
      error === undefined
        ? undefined
        : Object.assign(new GatewayError(error as 'upstream_error', ''), hook && { hook }),
  }))
  const cost = { nanoUsd: 7, source: '', rates: {} }
  const get = (key: unknown): unknown => (key === COST ? cost : undefined)
  const usage = { input: { total: 3, cacheRead: 0, cacheWrite: 0 }, output: { total: 4, reasoning: 0 } }
  return { attempts, usage, get, stream: false, outcome: 'ok', ...more } as unknown as Exchange
}
const sample = (calls: readonly Call[], more: object = {}) =>
  sampleOf(exchangeOf(calls, more), assignment as unknown as Assignment)

describe('an exchange says of its arm', () => {
  test('how long it took, what it cost and used, if the arm answered', () => {
    const served = { isError: false, latency: 500, ttft: undefined, nanoUsd: 7, inputTokens: 3, outputTokens: 4 }
    expect(sample([{ at: 'new' }])).toEqual(served)
    expect(sample([{ at: 'new' }], { stream: true })).toEqual({ ...served, ttft: 100 })
  })

  test('that it took as long as all calls of the arm together', () => {
    expect(sample([{ at: 'new', error: 'upstream_error' }, { at: 'new' }])).toMatchObject({
      isError: false,
      latency: 1500,
    })
  })

  test('that it failed, though another arm has saved the client from it, whose cost is not the arm’s', () => {
    const saved = sample([{ at: 'new', error: 'upstream_timeout' }, { at: 'old' }])
    expect(saved).toMatchObject({ isError: true, nanoUsd: undefined, inputTokens: 0, outputTokens: 0 })
  })

  test.each(['invalid_request', 'rate_limit_exceeded', 'content_blocked'])(
    'that it failed, if it refuses: %s',
    (error) => {
      expect(sample([{ at: 'new', error }], { outcome: 'refused' })).toMatchObject({ isError: true })
    },
  )

  test.each<[string, readonly Call[], object]>([
    ['nobody asked it', [{ at: 'old' }], {}],
    ['there was no call at all', [], {}],
    ['the client went away', [{ at: 'new', error: 'client_closed' }], { outcome: 'client_closed' }],
    [
      'the gateway itself let no call through',
      [{ at: 'new', error: 'rate_limit_exceeded', hook: 'beforeAttempt' }, { at: 'old' }],
      {},
    ],
  ])('nothing, if %s', (_, calls, more) => {
    expect(sample(calls, more)).toBeUndefined()
  })
})
