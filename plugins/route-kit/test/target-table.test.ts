import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TargetTable } from '../src/index.ts'

const table = (options?: { life?: number; most?: number }) =>
  new TargetTable(({ provider, model }) => ({ name: `${provider}/${model}` }), options)

describe('a table of targets', () => {
  test('makes what is remembered of a target once', () => {
    const targets = table()
    const first = targets.get({ provider: 'p', model: 'm' }, 0)
    expect(targets.get({ provider: 'p', model: 'm' }, 5)).toBe(first)
    expect(first).toEqual({ name: 'p/m' })
    expect(targets.size).toBe(1)
  })

  test('tells targets apart whatever their names are made of', () => {
    const part = fc.string({ maxLength: 4 })
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const targets = table()
        const one = targets.get({ provider: a, model: b }, 0)
        const other = targets.get({ provider: c, model: d }, 0)
        expect(one === other).toBe(a === c && b === d)
      }),
    )
  })

  test('forgets what was not used for its life, and nothing else', () => {
    const targets = table({ life: 100_000 })
    const [a, b] = [
      { provider: 'p', model: 'a' },
      { provider: 'p', model: 'b' },
    ]
    const used = targets.get(a, 0)
    targets.get(b, 0)
    targets.get(a, 60_000)
    targets.get({ provider: 'p', model: 'c' }, 130_000)
    expect(targets.peek(a)).toBe(used)
    expect(targets.peek(b)).toBeUndefined()
    expect(targets.size).toBe(2)
  })

  test('looks at a target without its counting as used', () => {
    const targets = table({ life: 100_000 })
    targets.get({ provider: 'p', model: 'a' }, 0)
    for (let now = 0; now < 200_000; now += 1000) targets.peek({ provider: 'p', model: 'a' })
    targets.get({ provider: 'p', model: 'b' }, 200_000)
    expect(targets.peek({ provider: 'p', model: 'a' })).toBeUndefined()
  })

  test('never holds more than it may, whatever clients ask for', () => {
    const targets = table({ most: 100 })
    for (let n = 0; n < 10_000; n++) {
      targets.get({ provider: `p${n % 7}`, model: `m${n}` }, n)
      expect(targets.size).toBeLessThanOrEqual(100)
    }
  })

  test('forgets what was used in a future that has not come, when the clock is set back', () => {
    const targets = table({ life: 100_000 })
    targets.get({ provider: 'p', model: 'a' }, 1e9)
    targets.get({ provider: 'p', model: 'b' }, 0)
    expect(targets.size).toBe(1)
  })
})
