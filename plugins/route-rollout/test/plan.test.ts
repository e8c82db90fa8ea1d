import { describe, expect, test } from 'vitest'
import type { RolloutDefinition } from '../src/options.ts'
import { planOf } from '../src/plan.ts'

const canary: RolloutDefinition = { model: 'm', stable: ['a/x'], candidate: 'b/y', percent: 10 }
const experiment: RolloutDefinition = {
  model: 'm',
  kind: 'experiment',
  arms: { one: { targets: 'a/x' }, two: { targets: ['b/y', 'c/z'], weight: 3 } },
}

describe('a plan', () => {
  test.each<[string, RolloutDefinition, number[][]]>([
    ['canary', canary, [[0.9, 0.1]]],
    [
      'ramp',
      {
        model: 'm',
        candidate: 'b/y',
        steps: [
          { percent: 25, for: '1m' },
          { percent: 50, for: 5 },
        ],
      },
      [
        [0.75, 0.25],
        [0.5, 0.5],
      ],
    ],
    ['switch', { model: 'm', kind: 'blue-green', candidate: 'b/y' }, [[1, 0]]],
    ['experiment', experiment, [[0.25, 0.75]]],
  ])('of a %s has its shares', (_, definition, shares) => {
    expect(planOf('r', definition).phases.map((phase) => phase.shares)).toEqual(shares)
  })

  test.each<[string, Partial<RolloutDefinition>, string]>([
    ['neither percent nor steps', { percent: undefined as never }, 'steps'],
    ['both', { steps: [{ percent: 1, for: '1m' }] }, 'steps'],
    ['no candidate', { candidate: undefined as never }, 'candidate'],
    ['arms of an experiment', { arms: experiment.arms! }, 'arms'],
    ['a target on both sides', { candidate: ['b/y', 'a/x'] }, 'candidate'],
    ['a header that it does not use', { header: 'x-a' }, 'header'],
    ['no header that it needs', { by: 'header' }, 'header'],
  ])('with %s is refused', (_, more, param) => {
    expect(() => planOf('r', { ...canary, ...more })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test.each<[string, RolloutDefinition, string]>([
    [
      'a ramp that falls',
      {
        model: 'm',
        candidate: 'b/y',
        steps: [
          { percent: 5, for: 1 },
          { percent: 5, for: 1 },
        ],
      },
      'steps[1]',
    ],
    ['a switch by percent', { model: 'm', kind: 'blue-green', candidate: 'b/y', percent: 5 }, 'percent'],
    ['an experiment of one arm', { model: 'm', kind: 'experiment', arms: { a: { targets: 'a/x' } } }, 'arms'],
    ['an experiment with sides', { ...experiment, stable: 'a/x' }, 'arms'],
    [
      'an experiment without any weight',
      { model: 'm', kind: 'experiment', arms: { a: { targets: 'a/x', weight: 0 }, b: { targets: 'b/y', weight: 0 } } },
      'arms',
    ],
  ])('%s is refused', (_, definition, param) => {
    expect(() => planOf('r', definition)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })

  test('takes a step of 100 percent for the promotion, and its time for that in which guardrails may undo it', () => {
    const steps = [
      { percent: 10, for: '1m' },
      { percent: 100, for: '20m' },
    ]
    const { phases, watch } = planOf('r', { model: 'm', candidate: 'b/y', steps })
    expect([phases.length, watch]).toEqual([1, 20 * 60_000])
    expect(planOf('r', { model: 'm', candidate: 'b/y', steps, watch: '5m' }).watch).toBe(5 * 60_000)
    expect(planOf('r', canary).watch).toBe(3_600_000)
    expect(() => planOf('r', { model: 'm', candidate: 'b/y', steps: steps.slice(1) })).toThrow('to compare with')
  })

  test('is another one if it moves traffic elsewhere, and the same if only its limits change', () => {
    const { id } = planOf('r', canary)
    expect(planOf('r', { ...canary, guardrails: {}, alpha: 0.01, minSamples: 5 }).id).toBe(id)
    expect(planOf('r', { ...canary, percent: 20 }).id).not.toBe(id)
    expect(planOf('r', { ...canary, candidate: 'b/z' }).id).not.toBe(id)
    expect(planOf('q', canary).id).not.toBe(id)
  })

  test('shares the chance of a false alarm out among all its comparisons', () => {
    const guardrails = { errorRate: { max: 0.1 }, cost: { maxRatio: 2 } }
    const steps = [
      { percent: 1, for: 1 },
      { percent: 2, for: 1 },
    ]
    expect(planOf('r', { model: 'm', candidate: 'b/y', steps, guardrails, alpha: 0.06 }).alpha).toBeCloseTo(0.01)
  })
})
