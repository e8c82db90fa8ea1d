import type { Exchange } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { planOf, Plans } from '../src/plan.ts'

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): { random: () => number } {
  let state = seed
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { random }
}

const chat = (model: string, more: object = {}): Exchange =>
  ({
    model,
    operation: 'chat',
    dialect: { name: 'openai-chat' },
    principal: { id: 'x' },
    headers: {},
    ...more,
  }) as Exchange

test.each([0.5, 10, 33, 90])('%f percent of the requests are copied', (percent) => {
  const plans = new Plans({ target: 'a/b', percent }, seeded(7))
  const draws = Array.from({ length: 20_000 }, () => plans.draw(chat('m'))?.mirror === true)
  const part = draws.filter(Boolean).length / draws.length
  expect(part * 100).toBeCloseTo(percent, -0.5)
})

test.each([
  [0, 0],
  [100, 1000],
])('%i percent is exact', (percent, copies) => {
  const plans = new Plans({ target: 'a/b', percent, record: { percent: 50 } }, seeded(7))
  const draws = Array.from({ length: 1000 }, () => plans.draw(chat('m'))?.mirror === true)
  expect(draws.filter(Boolean)).toHaveLength(copies)
})

test('recordings are drawn apart from copies', () => {
  const plans = new Plans({ target: 'a/b', percent: 50, record: { percent: 50 } }, seeded(7))
  const draws = Array.from({ length: 4000 }, () => plans.draw(chat('m')))
  const both = draws.filter((lot) => lot?.mirror && lot.record)
  expect(both.length / draws.length).toBeCloseTo(0.25, 1)
})

describe('requests that nobody would copy', () => {
  test.each([
    ['of another operation', chat('m', { operation: 'embeddings' })],
    ['of the gateway’s own', chat('m', { dialect: { name: 'gateway' } })],
    ['of a model that is left out', chat('off')],
  ])('%s are not looked at', (_, exchange) => {
    const plans = new Plans({ target: 'a/b' }, seeded(1))
    plans.add('off', { percent: 0 })
    expect(plans.concern(exchange)).toBe(false)
    expect(plans.concern(chat('m'))).toBe(true)
  })
})

test('a model’s section wins option by option', () => {
  const plans = new Plans({ target: 'a/b', percent: 0, timeout: '5s', maxInFlight: 3 }, seeded(1))
  plans.add('m', { percent: 100, maxInFlight: 4 })
  expect(plans.draw(chat('m'))!.plan).toMatchObject({ targets: ['a/b'], timeout: 5000, maxInFlight: 4 })
  expect([...plans.targets]).toEqual(['a/b'])
})

test.each([
  [{}, undefined],
  [{ percent: 50 }, undefined],
  [{ record: { percent: 1 } }, { targets: [], percent: 0, recordPercent: 1 }],
  [{ target: 'a/b' }, { percent: 100, compare: new Set(['latency', 'tokens', 'cost', 'similarity']) }],
  [
    { target: 'a/b', judge: { model: 'j' } },
    { compare: new Set(['latency', 'tokens', 'cost', 'similarity', 'judge']) },
  ],
])('%j makes this plan: %j', (section, plan) => {
  if (plan) expect(planOf(section, '')).toMatchObject(plan)
  else expect(planOf(section, '')).toBeUndefined()
})
