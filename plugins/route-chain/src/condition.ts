import { globs } from '@sluice/core'
import type { Data } from './data.ts'
import type { Condition } from './options.ts'
import { parsePath, valueAt } from './path.ts'

type Test = Omit<Condition, 'and'>
type Holds = (value: unknown) => boolean

/** The path that a test looks at, e.g. `steps.topic.json.name`. */
export function pathOf({ step, path = 'text' }: Test): string {
  return `steps.${step}.${path}`
}

/** @param condition whose paths are paths */
export function compileCondition({ and = [], ...first }: Condition): (data: Data) => boolean {
  const tests = [first, ...and].map(compileTest)
  return (data) => tests.every((holds) => holds(data))
}

function compileTest(test: Test): (data: Data) => boolean {
  const path = parsePath(pathOf(test))!
  const all = holdsOf(test)
  return (data) => {
    const found = valueAt(data, path)
    const value = typeof found === 'string' ? found.trim() : found
    return all.every((holds) => holds(value))
  }
}

/** Whether it says anything. */
export function isEmpty(test: Test): boolean {
  return holdsOf(test).length === 0
}

function holdsOf({ equals, in: list, matches, exists, gt, gte, lt, lte }: Test): Holds[] {
  const all: Holds[] = []
  if (equals !== undefined) all.push((value) => value === equals)
  if (list) all.push((value) => (list as readonly unknown[]).includes(value))
  if (matches !== undefined) {
    const fits = globs([matches])
    all.push((value) => typeof value === 'string' && fits(value))
  }
  if (exists !== undefined) all.push((value) => (value !== undefined && value !== null) === exists)
  if (gt !== undefined) all.push((value) => numberOf(value) > gt)
  if (gte !== undefined) all.push((value) => numberOf(value) >= gte)
  if (lt !== undefined) all.push((value) => numberOf(value) < lt)
  if (lte !== undefined) all.push((value) => numberOf(value) <= lte)
  return all
}

/** Models write numbers as text, too. NaN, which no comparison holds for, if it is none. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
}
