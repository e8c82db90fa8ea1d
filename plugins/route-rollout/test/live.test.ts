import { ANONYMOUS } from '@sluice/core'
import type { Exchange, Target } from '@sluice/core'
import { seededRandom } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import { Live } from '../src/live.ts'
import type { RolloutDefinition } from '../src/options.ts'
import { planOf } from '../src/plan.ts'
import { changed, startOf } from '../src/state.ts'
import type { Action, State } from '../src/state.ts'

/** A rollout whose clocks are moved by hand. */
function liveOf(definition: Partial<RolloutDefinition>, { name = 'r', providers = ['a', 'b', 'c'] } = {}) {
  const clock = { at: 0, wall: 1_000_000, now: () => clock.at, random: seededRandom(1) }
  const plan = planOf(name, { model: 'm', ...definition })
  const live = new Live(plan, 'config', startOf(plan, clock.wall), new Set(providers), clock)
  const change = (action: Action): void => {
    const order = { action, by: 'x', reason: '', now: clock.wall, elapsed: live.elapsed }
    live.learn(changed(plan, live.state, order), live.revision + 1)
  }
  return { live, clock, change }
}
const sides = { stable: 'a/x', candidate: 'b/y' }

/** As much of an exchange as is looked at. */
const exchangeOf = (fields: object): Exchange =>
  ({ principal: ANONYMOUS, headers: {}, json: {}, raw: undefined, start: {}, ...fields }) as unknown as Exchange
const callOf = (key: string): Exchange => exchangeOf({ principal: { id: 'p', key } })
const units = (count: number): string[] => Array.from({ length: count }, (_, index) => `key_${index}`)
const candidates = (live: Live, keys: readonly string[]): Set<string> =>
  new Set(keys.filter((key) => live.assign(callOf(key)).arm === 1))

describe('assignment', () => {
  test('is the same for the same unit, and shares are as configured', () => {
    for (const percent of [1, 10, 50, 90]) {
      const { live } = liveOf({ ...sides, percent, by: 'key' })
      const keys = units(20_000)
      const first = candidates(live, keys)
      expect(candidates(live, keys)).toEqual(first)
      const deviation = Math.sqrt(20_000 * (percent / 100) * (1 - percent / 100))
      expect(Math.abs(first.size - 200 * percent)).toBeLessThan(4 * deviation)
    }
  })

  test('by chance has the share, too', () => {
    const { live } = liveOf({ ...sides, percent: 10 })
    const hits = units(20_000).filter(() => live.assign(exchangeOf({})).arm === 1).length
    expect(Math.abs(hits - 2000)).toBeLessThan(200)
  })

  test('keeps who is on the candidate there while the ramp rises', () => {
    const steps = [1, 5, 20, 50, 99].map((percent) => ({ percent, for: '1m' }))
    const { live, change } = liveOf({ ...sides, steps, by: 'key' })
    let before = candidates(live, units(3000))
    for (let step = 1; step < steps.length; step++) {
      change('step')
      const now = candidates(live, units(3000))
      expect(before.isSubsetOf(now)).toBe(true)
      expect(now.size).toBeGreaterThan(before.size)
      before = now
    }
  })

  test('does not take the same first in every rollout', () => {
    const [one, other] = ['one', 'other'].map((name) => liveOf({ ...sides, percent: 10, by: 'key' }, { name }).live)
    const both = candidates(one!, units(20_000)).intersection(candidates(other!, units(20_000)))
    expect(both.size).toBeGreaterThan(120)
    expect(both.size).toBeLessThan(280)
  })

  test('gives nothing to an arm of weight 0, and all to the only one that has any', () => {
    const arms = {
      a: { targets: 'a/x', weight: 0 },
      b: { targets: 'b/y', weight: 2 },
      c: { targets: 'c/z', weight: 0 },
    }
    const { live } = liveOf({ kind: 'experiment', arms, by: 'key' })
    expect(new Set(units(1000).map((key) => live.assign(callOf(key)).arm))).toEqual(new Set([1]))
  })

  test('of 0 and 100 percent leaves nothing to chance', () => {
    for (const [percent, arm] of [
      [0, 0],
      [100, 1],
    ] as const) {
      const { live } = liveOf({ ...sides, percent, by: 'key' })
      expect(new Set(units(1000).map((key) => live.assign(callOf(key)).arm))).toEqual(new Set([arm]))
    }
  })

  test.each<[Partial<RolloutDefinition>, object, string | undefined]>([
    [{ by: 'request' }, { principal: { id: 'p', key: 'k' } }, undefined],
    [{ by: 'key' }, { principal: { id: 'p', key: 'k' } }, 'k'],
    [{ by: 'key' }, { principal: { id: 'p' } }, 'p'],
    [{ by: 'key' }, {}, undefined],
    [{ by: 'user' }, { principal: { id: 'p', key: 'k', user: 'u' }, json: { user: 'other' } }, 'u'],
    [{ by: 'user' }, { json: { user: 'someone' } }, 'someone'],
    [{ by: 'user' }, { json: { metadata: { user_id: 'someone' } } }, 'someone'],
    [{ by: 'user' }, { json: { user: { odd: 1 }, metadata: 'odd' }, principal: { id: 'p', key: 'k' } }, 'k'],
    [{ by: 'user' }, { raw: {}, json: { user: 'someone' } }, undefined],
    [{ by: 'session' }, { headers: { 'x-session-id': 's' } }, 's'],
    [{ by: 'session' }, { headers: {}, start: { parent: exchangeOf({ headers: { 'x-session-id': 's' } }) } }, 's'],
    [{ by: 'header', header: 'x-tenant' }, { headers: { 'x-tenant': 't'.repeat(300) } }, 't'.repeat(256)],
    [{ by: 'header', header: 'x-tenant' }, {}, undefined],
  ])('%j of %j is by %j', (by, fields, unit) => {
    const { live } = liveOf({ ...sides, percent: 50, ...by })
    expect(live.assign(exchangeOf(fields)).unit).toBe(unit)
  })
})

describe('order', () => {
  const target = (name: string, more: Partial<Target> = {}): Target => {
    const [provider = '', model = ''] = name.split('/')
    return { provider, model, ...more }
  }
  const names = (targets: readonly Target[] | undefined) =>
    targets?.map(({ provider, model }) => `${provider}/${model}`)

  test('has the targets of the arm first, and those of others in a later group', () => {
    const { live } = liveOf({ candidate: ['b/y', 'c/z'], percent: 50 })
    const given = [target('a/x', { weight: 2 }), target('c/z', { priority: 3 })]
    const widened = live.widen(given)
    expect(names(widened)).toEqual(['a/x', 'c/z', 'b/y'])
    expect(live.widen(given)).toBe(widened)
    expect(names(live.order(widened, 1))).toEqual(['c/z', 'b/y', 'a/x'])
    expect(names(live.order(widened, 0))).toEqual(['a/x', 'c/z', 'b/y'])
    const [first, second, last] = live.order(widened, 1)!
    expect(Math.max(first!.priority ?? 0, second!.priority ?? 0)).toBeLessThan(last!.priority!)
    expect(last).toMatchObject({ weight: 2 })
    expect(live.order(widened, 1)).toBe(live.order(widened, 1))
  })

  test('brings back no target that somebody has left out since', () => {
    const { live } = liveOf({ ...sides, percent: 50 })
    const widened = live.widen([target('a/x')])
    const allowed = widened.filter(({ provider }) => provider === 'a')
    expect(live.order(allowed, 1)).toBeUndefined()
    expect(names(live.order(allowed, 0))).toEqual(['a/x'])
  })

  test('leaves out targets of providers that are gone', () => {
    const { live } = liveOf({ ...sides, percent: 50 }, { providers: ['a'] })
    const widened = live.widen([target('a/x')])
    expect(names(widened)).toEqual(['a/x'])
    expect(live.order(widened, 1)).toBeUndefined()
  })
})

describe('time', () => {
  const steps = [
    { percent: 1, for: '10m' },
    { percent: 10, for: '10m' },
  ]
  const after = (state: State, since: number): State => ({ ...state, since })

  test('of a step goes on while clocks are set', () => {
    const { live, clock, change } = liveOf({ ...sides, steps })
    change('step')
    clock.at += 60_000
    clock.wall += 86_400_000
    expect(live.elapsed).toBe(60_000)
    clock.wall -= 3 * 86_400_000
    expect(live.elapsed).toBe(60_000)
  })

  test('of a step stands still while it is paused', () => {
    const { live, clock, change } = liveOf({ ...sides, steps })
    clock.at += 60_000
    change('pause')
    clock.at += 600_000
    expect(live.elapsed).toBe(60_000)
    change('resume')
    clock.at += 1_000
    expect(live.elapsed).toBe(61_000)
  })

  test('of a step that began before this process is told by the record, but is never negative', () => {
    const { live, clock } = liveOf({ ...sides, steps })
    live.learn(after(live.state, clock.wall - 5_000), 7, clock.wall)
    expect(live.elapsed).toBe(5_000)
    live.learn(after(live.state, clock.wall + 5_000), 8, clock.wall)
    expect(live.elapsed).toBe(0)
  })
})
