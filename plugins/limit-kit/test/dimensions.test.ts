import type { Exchange } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { compileMatch, compilePer, counterPart, DIMENSIONS } from '../src/index.ts'
import type { Dimension, Match } from '../src/index.ts'
import { exchangeOf } from './support/exchange.ts'
import type { Given } from './support/exchange.ts'

const principal = {
  id: 'alice',
  key: 'key_1',
  user: 'u',
  team: 't',
  organisation: 'o',
  tags: ['x', 'y'],
  roles: ['dev'],
}

test.each<[Dimension[], Given, string[]]>([
  [['key'], { principal }, ['|key_1']],
  [['key'], {}, ['|anonymous']],
  [['user', 'team', 'organisation'], { principal }, ['|u|t|o']],
  [['team'], { principal: { id: 'bob' } }, []],
  [['model'], { model: 'gpt-*' }, ['|gpt-*']],
  [['model'], { model: '' }, []],
  [['provider', 'model'], {}, ['|openai|m']],
  [['ip'], { ip: '::1' }, ['|::1']],
  [['ip'], { ip: '', parent: exchangeOf({ ip: '10.0.0.2', parent: exchangeOf({ ip: '10.0.0.3' }) }) }, ['|10.0.0.3']],
  [['tag'], { principal }, ['|x', '|y']],
  [['tag', 'team'], { principal: { ...principal, tags: ['x', 'x'] } }, ['|t|x']],
  [['tag'], { principal: { id: 'bob', tags: [] } }, []],
  [['global'], {}, ['|']],
])('per %j', (per, given, names) => {
  expect(compilePer(per)(exchangeOf(given), 'openai')).toEqual(names)
})

describe('names of counters', () => {
  /** Values that were made to be taken for others. */
  const nasty = [
    '',
    'a',
    'b',
    'a|b',
    '|',
    '||',
    '#',
    '#a',
    'a b',
    'a\u0000',
    '\ud800',
    '\udfff',
    'ü',
    'a'.repeat(96),
    'a'.repeat(97),
    'b'.repeat(97),
    '%7C',
    '\u007f',
  ]
  nasty.push(...nasty.map(counterPart))

  test('are never the same for different values', () => {
    const values = [...new Set(nasty)]
    for (const per of [['key'], ['key', 'team'], ['key', 'team', 'model']] as Dimension[][]) {
      const seen = new Map<string, string>()
      for (const key of values) {
        for (const team of per.includes('team') ? values : ['']) {
          for (const model of per.includes('model') ? values.filter((value) => value !== '') : ['m']) {
            const [name] = compilePer(per)(exchangeOf({ principal: { key, team }, model }), '')
            const told = JSON.stringify(per.includes('model') ? [key, team, model] : [key, team])
            expect(seen.get(name!) ?? told).toBe(told)
            seen.set(name!, told)
          }
        }
      }
    }
  })

  test('are short and printable, whatever clients write', () => {
    for (const value of [...nasty, 'x'.repeat(1_000_000)]) expect(counterPart(value)).toMatch(/^[!-{}~]{0,96}$/)
  })

  test('keep what is short and printable as it is', () => {
    for (const value of ['gpt-5.1', 'openai/gpt-5.1', 'key_01H', '10.0.0.1', 'a#b', 'x'.repeat(96)])
      expect(counterPart(value)).toBe(value)
  })

  test('know every dimension', () => {
    for (const dimension of DIMENSIONS)
      expect(compilePer([dimension])(exchangeOf({ principal }), 'p').length).toBeGreaterThan(0)
  })
})

const MATCHES: [Match | undefined, Given, boolean][] = [
  [undefined, {}, true],
  [{}, {}, true],
  [{ models: ['gpt-*'] }, { model: 'gpt-5' }, true],
  [{ models: ['gpt-*', 'm'] }, { model: 'm' }, true],
  [{ models: ['gpt-*'] }, { model: 'xgpt-5' }, false],
  [{ models: ['a.c'] }, { model: 'abc' }, false],
  [{ models: ['*'] }, { model: '' }, false],
  [{ operations: ['embeddings'] }, { operation: 'embeddings' }, true],
  [{ operations: ['embeddings'] }, {}, false],
  [{ keys: ['key_1'], teams: ['t'] }, { principal }, true],
  [{ keys: ['key_1'], teams: ['other'] }, { principal }, false],
  [{ users: ['u'], organisations: ['o'] }, { principal }, true],
  [{ users: ['u'] }, {}, false],
  [{ tags: ['y', 'z'] }, { principal }, true],
  [{ tags: ['z'] }, { principal }, false],
  [{ roles: ['dev'] }, { principal }, true],
  [{ roles: ['dev'] }, {}, false],
]
test.each(MATCHES)('match %j', (match, given, expected) => {
  const matches = compileMatch(match)
  const exchange: Exchange = exchangeOf(given)
  expect([matches(exchange), matches(exchange)]).toEqual([expected, expected])
})
