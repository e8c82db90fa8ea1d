import { TargetTable } from '@sluice/route-kit'
import { expect, test } from 'vitest'
import { LineUp } from '../src/line-up.ts'
import { TargetRecord } from '../src/target-record.ts'
import { targetsOf } from './support/simulated.ts'

test('what is known of targets is kept until the table forgets some of it, be it while it is gathered', () => {
  const targets = targetsOf({}, {})
  const roomy = new TargetTable((target) => new TargetRecord(target, 1000))
  const narrow = new TargetTable((target) => new TargetRecord(target, 1000), { most: 1 })
  expect(new LineUp(targets, undefined, roomy, 0).holds(targets, roomy)).toBe(true)
  expect(new LineUp(targets, undefined, narrow, 0).holds(targets, narrow)).toBe(false)
})
