import { describe, expect, test } from 'vitest'
import { describeReplayed, sumsOf } from '../../src/cli/replayed.ts'
import type { Replayed } from '../../src/cli/replayed.ts'

const LINES: Replayed[] = [
  {
    recording: '01a1fa14-1694-71d6-b425-6af52a08f355',
    model: 'm',
    target: 'a/b',
    outcome: 'ok',
    durationMs: 800,
    mirrorDurationMs: 400,
    outputTokens: 10,
    mirrorOutputTokens: 20,
    costUsd: 0.00001,
    mirrorCostUsd: 0.00003,
    similarity: 0.5,
  },
  {
    recording: '01a1fa14-1694-71d6-b425-6af52a08f356',
    model: 'm',
    target: 'a/b',
    outcome: 'ok',
    durationMs: 200,
    mirrorDurationMs: 300,
    similarity: 1,
  },
  { recording: 'klmnopqrst', model: 'm', target: 'a/b', outcome: 'failed', error: 'model_not_found' },
]

describe('replays', () => {
  test('stand in a table, with their means below', () => {
    expect(describeReplayed(LINES).split('\n')).toEqual([
      'recording                             model  target  outcome          ms         tokens out  US dollars           similarity',
      '01a1fa14-1694-71d6-b425-6af52a08f355  m      a/b     ok               800 → 400  10 → 20     0.000010 → 0.000030  0.50',
      '01a1fa14-1694-71d6-b425-6af52a08f356  m      a/b     ok               200 → 300                                   1.00',
      'klmnopqrst                            m      a/b     model_not_found',
      '3 in all                                             2 ok             500 → 350  10 → 20     0.000010 → 0.000030  0.75',
    ])
  })

  test('of nothing say so', () => {
    expect(describeReplayed([])).toBe('There are no recordings.')
    expect(sumsOf([])).toEqual({
      replayed: 0,
      ok: 0,
      similarity: null,
      durationMs: null,
      outputTokens: null,
      costUsd: null,
    })
  })
})
