/** Property tests as vitest tests. */
import type { JsonObject } from '@sluice/core'
import fc from 'fast-check'
import { test as vitestTest } from 'vitest'

export { fc }

/** Registers a test that `check` holds for every value that `values` gives. */
export function test<T>(name: string, values: fc.Arbitrary<T>, check: (value: T) => void): void {
  vitestTest(name, () => fc.assert(fc.property(values, check), { numRuns: 1000 }))
}

/** JSON built of the words of a dialect: of `fields` as keys, and of `words` among its values. */
export function jsonOf(fields: readonly string[], words: readonly string[]) {
  return fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0, 1, -1, 1e300, '', 'x', ...words),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...fields), tie('value'), { maxKeys: 7 }) as fc.Arbitrary<JsonObject>,
  }))
}
