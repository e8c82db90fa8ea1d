import fc from 'fast-check'
import { test } from 'vitest'

/** A test that `check` passes for whatever `arbitrary` makes. */
export function property<T>(name: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  test(name, () => {
    fc.assert(fc.property(arbitrary, check))
  })
}
