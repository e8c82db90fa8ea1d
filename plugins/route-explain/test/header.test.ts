import type { Exchange } from '@sluice/core'
import { why } from '@sluice/route-kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headerOf } from '../src/header.ts'
import type { Report } from '../src/report.ts'
import { ANSWER, plugin, refusing, setUp } from './support/setting.ts'

const ASKING = { 'x-sluice-explain': '1' }

/** Says why, as routing plugins do. */
const chooser = () =>
  plugin('chooser', ({ hooks, id }) => {
    hooks.beforeRoute.tap('choose', (targets, exchange) => {
      const told = why(exchange)
      const [first, second] = targets
      told?.excluded(first!, id, 'it is too small for “this”')
      told?.scored(second!, id, 0.75, 'share')
      told?.ordered(id, [second!])
      told?.note(id, 'chosen by weight')
      return [second!]
    })
  })

test('an operator who asks is told in a header, and the body stays what it was', async () => {
  await using setting = await setUp([chooser()])
  const reply = await setting.ask('operator', 'pair', ASKING)
  expect(reply.json()).toEqual({ ...ANSWER, model: expect.any(String) })
  const told = JSON.parse(reply.headers['x-sluice-explain'] as string) as object
  expect(told).toMatchObject({
    model: 'pair',
    candidates: [
      { target: 'up/large', place: 1, scores: ['chooser: 0.75 share'] },
      { target: 'up/small', excluded: ['chooser: it is too small for “this”'] },
    ],
    orders: [['chooser', 'up/large']],
    notes: ['chooser: chosen by weight'],
    attempts: [{ target: 'up/large' }],
    ms: { authenticate: expect.any(Number), beforeRoute: expect.any(Number) },
  })
})

test('whoever does not ask is told nothing, and nothing is taken down', async () => {
  const seen: unknown[] = []
  const watcher = plugin('watcher', ({ hooks }) => {
    hooks.beforeRoute.tap('watch', (_, exchange: Exchange) => void seen.push(why(exchange), exchange.timings))
  })
  await using setting = await setUp([watcher])
  expect((await setting.ask('operator', 'pair')).headers).not.toHaveProperty('x-sluice-explain')
  expect(seen).toEqual([undefined, undefined])
})

test.each(['client', 'teamster'])('a %s is served, and told that the header is ignored', async (who) => {
  const seen: unknown[] = []
  const watcher = plugin('watcher', ({ hooks }) => {
    hooks.beforeRoute.tap('watch', (_, exchange: Exchange) => void seen.push(why(exchange), exchange.timings))
  })
  await using setting = await setUp([watcher])
  const reply = await setting.ask(who, 'pair', ASKING)
  expect(reply.status).toBe(200)
  expect(Object.keys(JSON.parse(reply.headers['x-sluice-explain'] as string) as object)).toEqual(['ignored'])
  expect(seen).toEqual([undefined, undefined])
})

test('a refusal is explained too', async () => {
  await using setting = await setUp([refusing('admit')])
  const reply = await setting.ask('operator', 'pair', ASKING)
  expect(reply.status).toBe(402)
  expect(JSON.parse(reply.headers['x-sluice-explain'] as string)).toMatchObject({
    candidates: [{ target: 'up/small' }, { target: 'up/large' }],
    attempts: [],
    error: { code: 'budget_exceeded', plugin: 'test-refusal' },
  })
})

describe('the header', () => {
  const name = fc.string({ maxLength: 300, unit: 'binary' })
  const candidate = fc.record({
    target: name,
    place: fc.constantFrom(null, 1),
    excluded: fc.array(fc.record({ plugin: name, reason: name }), { maxLength: 40 }),
    scores: fc.array(fc.record({ plugin: name, score: fc.double(), words: name }), { maxLength: 40 }),
    traits: fc.constant({}),
    mostUsd: fc.constantFrom(null, 0.5),
  })
  const report: fc.Arbitrary<Report> = fc.record({
    model: name,
    operation: fc.constant('chat'),
    stream: fc.boolean(),
    estimate: fc.constant(null),
    candidates: fc.array(candidate, { maxLength: 40 }),
    orders: fc.array(fc.record({ plugin: name, targets: fc.array(name) })),
    notes: fc.array(fc.record({ plugin: name, text: name }), { maxLength: 40 }),
    attempts: fc.constant([]),
    error: fc.constant(null),
    timings: fc.constant({ admit: 0.25 }),
  })

  test('is JSON in ASCII of 4 KB at most, whatever there is to tell', () => {
    fc.assert(
      fc.property(report, (each) => {
        const text = headerOf(each)
        expect(text.length).toBeLessThanOrEqual(4096)
        expect(text).toMatch(/^[ -~]*$/)
        expect(JSON.parse(text)).toBeTypeOf('object')
      }),
      { numRuns: 50 },
    )
  })

  test('says how much it leaves out', () => {
    const candidates = Array.from({ length: 100 }, (_, index) => ({
      target: `provider/model-${index}`,
      place: index + 1,
      excluded: [],
      scores: [],
      traits: {},
      mostUsd: null,
    }))
    const { more, candidates: told } = JSON.parse(
      headerOf({
        model: 'm',
        operation: 'chat',
        stream: false,
        estimate: null,
        candidates,
        orders: [],
        notes: [],
        attempts: [],
        error: null,
        timings: {},
      }),
    ) as { more: number; candidates: object[] }
    expect(told[0]).toEqual({ target: 'provider/model-0', place: 1 })
    expect(more + told.length).toBe(100)
  })
})
