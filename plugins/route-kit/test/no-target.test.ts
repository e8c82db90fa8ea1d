import { parseTarget } from '@sluice/core'
import { expect, test } from 'vitest'
import { EXPLANATION, noTarget, routedModel, ROUTED_MODEL, why } from '../src/index.ts'
import { simulatedExchange } from '../src/testing/index.ts'

const excluded = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ target: parseTarget(`p/m${n}`), reason: `reason ${n}` }))

test.each([0, 1, 8, 9, 1000])(
  'an error about %i targets has all reasons, and names the first in its message',
  (count) => {
    const error = noTarget(simulatedExchange({ model: 'fast' }), excluded(count), 2.5)
    expect(error).toMatchObject({ code: 'no_target_available', status: 503, retryAfter: 2.5 })
    expect(error.problems).toEqual(excluded(count).map(({ reason }, n) => `p/m${n}: ${reason}`))
    expect(error.message.match(/reason/g)?.length ?? 0).toBe(Math.min(count, 8))
    expect(error.message).toContain('"fast"')
    expect(error.message.length).toBeLessThan(400)
  },
)

test('reasons have somewhere to go only if somebody asked', () => {
  const exchange = simulatedExchange()
  expect(why(exchange)).toBeUndefined()
  const explanation = { excluded() {}, scored() {}, ordered() {}, note() {} }
  exchange.set(EXPLANATION, explanation)
  expect(why(exchange)).toBe(explanation)
})

test('the model that counts is the one behind an alias', () => {
  const exchange = simulatedExchange({ model: 'alias' })
  expect(routedModel(exchange)).toBe('alias')
  exchange.set(ROUTED_MODEL, 'real')
  expect(routedModel(exchange)).toBe('real')
})
