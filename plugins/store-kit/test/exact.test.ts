import fc from 'fast-check'
import { expect, test } from 'vitest'
import { multiplyDivide, multiplyModulo } from '../src/exact.ts'

const NUMBER = fc.oneof(fc.nat({ max: 1000 }), fc.maxSafeNat())

test('products are divided without rounding, however large they are', () => {
  fc.assert(
    fc.property(NUMBER, NUMBER, NUMBER, NUMBER, (a, b, c, d) => {
      const sum = BigInt(a) * BigInt(b) + BigInt(c)
      const by = d + 1
      expect(multiplyDivide(a, b, c, by)).toBe(Number(sum / BigInt(by)))
      expect(multiplyModulo(a, b, c, by)).toBe(Number(sum % BigInt(by)))
    }),
    { numRuns: 1000 },
  )
})
