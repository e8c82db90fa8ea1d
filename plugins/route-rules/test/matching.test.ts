import type { Exchange, Principal } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXPLANATION } from '@sluice/route-kit'
import { BARE_MODEL, Facts } from '../src/facts.ts'
import { compileRule } from '../src/rule.ts'
import { RuleIndex } from '../src/rule-index.ts'
import { RuleRouter } from '../src/rule-router.ts'
import type { Rule } from '../src/rule-schema.ts'
import { TimeZones } from '../src/time-window.ts'
import { exchangeOf } from './support/exchange.ts'
import type { Asked } from './support/exchange.ts'
import { naive } from './support/naive.ts'

const indexOf = (rules: readonly Rule[]): RuleIndex => {
  const zones = new TimeZones()
  return new RuleIndex(rules.map((rule) => compileRule(rule, 0, zones)))
}
const matching = (index: RuleIndex, exchange: Exchange): string[] =>
  index.matching(new Facts(exchange, 0)).map(({ name }) => name)

const word = fc.constantFrom('a', 'b', 'ab', 'abc', 'x')
const pattern = fc.constantFrom('a', 'b', 'a*', '*b', '*', 'a*c', 'x')
const some = <T>(item: fc.Arbitrary<T>) =>
  fc.option(fc.array(item, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 1 })
const fields = fc.option(
  fc.dictionary(
    fc.constantFrom('f', 'g'),
    fc.oneof(fc.boolean(), pattern, fc.array(pattern, { minLength: 1, maxLength: 2 })),
  ),
  { nil: undefined, freq: 1 },
)
const when = fc
  .record({
    models: some(pattern),
    keys: some(word),
    users: some(word),
    teams: some(word),
    tags: some(word),
    roles: some(word),
    operations: some(fc.constantFrom('chat', 'embeddings')),
    headers: fields,
    metadata: fields,
    requestMetadata: fields,
  })
  .chain((all) =>
    fc
      .subarray(Object.keys(all), { maxLength: 3 })
      .map((names) =>
        Object.fromEntries(Object.entries(all).filter(([name, value]) => names.includes(name) && value !== undefined)),
      ),
  )
const rules = fc
  .array(fc.record({ when, continue: fc.boolean() }), { maxLength: 12 })
  .map((list) => list.map((rule, index): Rule => ({ ...rule, name: `r${index}`, then: { strategy: 'cost' } })))
const maybe = <T>(item: fc.Arbitrary<T>) => fc.option(item, { nil: undefined })
const values = fc.dictionary(fc.constantFrom('f', 'g'), word)
const asked: fc.Arbitrary<Asked> = fc.record({
  model: word,
  operation: fc.constantFrom('chat', 'embeddings'),
  headers: values,
  metadata: values,
  principal: fc.record({
    id: word,
    key: maybe(word),
    user: maybe(word),
    team: maybe(word),
    tags: fc.array(word),
    roles: fc.array(word),
    metadata: values,
  }) as fc.Arbitrary<Principal>,
})

test('compiled rules match as the naive reading of them does', () => {
  let matched = 0
  const requests = fc.array(asked, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(rules, requests, (list, several) => {
      const index = indexOf(list)
      for (const request of several) {
        const exchange = exchangeOf(request)
        const expected = naive(list, exchange)
        matched += expected.length
        expect(matching(index, exchange)).toEqual(expected)
      }
    }),
    { numRuns: 500 },
  )
  expect(matched).toBeGreaterThan(500)
})

test('a name with something behind it finds the rules for both names, in their order', () => {
  const rule = (name: string, models: string[]): Rule => ({
    name,
    when: { models },
    then: { strategy: 'cost' },
    continue: true,
  })
  const index = indexOf([
    rule('plain', ['m']),
    rule('pattern', ['m*']),
    rule('both', ['m@v1', 'm']),
    rule('exact', ['m@v1']),
  ])
  const exchange = exchangeOf({ model: 'm@v1' })
  exchange.set(BARE_MODEL, 'm')
  expect(matching(index, exchange)).toEqual(['plain', 'pattern', 'both', 'exact'])
})

test('models that clients make up do not fill the memory, and are matched all the same', () => {
  const index = indexOf([{ name: 'r', when: { models: ['x-*'] }, then: { strategy: 'cost' } }])
  for (let i = 0; i < 3000; i++) expect(matching(index, exchangeOf({ model: `x-${i}` }))).toEqual(['r'])
})

test('who asks why is told what became of each rule', () => {
  const list: Rule[] = [
    { name: 'other', when: { models: ['n'] }, then: { strategy: 'cost' } },
    { name: 'late', when: { headers: { 'x-a': 'b' } }, then: { strategy: 'cost' } },
    { name: 'first', then: { require: { tags: ['t'] } }, continue: true },
    { name: 'here', then: { targets: ['p/x', 'p/y'], strategy: 'cost' } },
    { name: 'never', then: { refuse: { message: 'No.' } } },
  ]
  const notes: string[] = []
  const exchange = exchangeOf()
  const configured = list.map((rule) => compileRule(rule, 0, new TimeZones()))
  exchange.set(EXPLANATION, {
    excluded: (_, __, reason) => void notes.push(reason),
    scored() {},
    ordered() {},
    note: (_, text) => void notes.push(text),
  })
  const router = new RuleRouter({ id: 'rules', configured, findTargets: () => [] })
  expect(() => router.route([{ provider: 'p', model: 'm' }], exchange)).toThrow('it has no tag "t"')
  expect(notes).toEqual([
    'the rule "other" does not match: models',
    'the rule "late" does not match: headers.x-a',
    'the rule "first" matches and sets requirements, lets others follow',
    'the rule "here" matches and sends it to p/x, p/y, orders by "cost"',
    'it has no tag "t"',
    'it has no tag "t"',
  ])
})

describe('1,000 rules cost little', () => {
  const rule = (index: number, when: Rule['when']): Rule => ({
    name: `r${index}`,
    ...(when && { when }),
    then: { strategy: 'cost' },
  })
  test.each<[string, (index: number) => Rule['when']]>([
    ['by exact model', (index) => ({ models: [`model-${index}`] })],
    ['by pattern of models', (index) => ({ models: [`model-${index}-*`] })],
    ['by key', (index) => ({ keys: [`key-${index}`] })],
    ['by team and header', (index) => ({ teams: [`team-${index}`], headers: { 'x-a': 'b*' } })],
  ])('%s', (_, whenOf) => {
    const zones = new TimeZones()
    const configured = Array.from({ length: 1000 }, (_, number) => compileRule(rule(number, whenOf(number)), 0, zones))
    const router = new RuleRouter({ id: 'rules', configured, findTargets: () => [] })
    const targets = [{ provider: 'p', model: 'm' }]
    const principal = { id: 'x', key: 'key-500', team: 'team-500' }
    const exchange = exchangeOf({ model: 'model-500', principal, headers: { 'x-a': 'bc' } })
    const run = (): number => {
      const from = performance.now()
      for (let i = 0; i < 1000; i++) router.route(targets, exchange)
      return performance.now() - from
    }
    // Microseconds each, as the best of several runs: others may have the processor.
    const best = Math.min(...Array.from({ length: 10 }, run))
    expect(best).toBeLessThan(10)
  })
})
