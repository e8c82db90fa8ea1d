/** Property tests as vitest tests. */
import fc from 'fast-check'
import { test as vitestTest } from 'vitest'

export { fc }

/** Registers a test that `check` holds for every value that `values` gives. */
export function test<T>(name: string, values: fc.Arbitrary<T>, check: (value: T) => void): void {
  vitestTest(name, () => fc.assert(fc.property(values, check), { numRuns: 1000 }))
}
