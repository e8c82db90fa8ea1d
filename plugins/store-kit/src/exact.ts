/**
 * ⌊(a·b + c) / d⌋ without rounding on the way. Whole numbers below 2^53, a and b not negative, d positive, and a sum
 * that is not negative.
 */
export function multiplyDivide(a: number, b: number, c: number, d: number): number {
  const product = a * b
  const sum = product + c
  if (product <= Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return (sum - (sum % d)) / d
  return Number((BigInt(a) * BigInt(b) + BigInt(c)) / BigInt(d))
}

/** What that division leaves over. */
export function multiplyModulo(a: number, b: number, c: number, d: number): number {
  const product = a * b
  const sum = product + c
  if (product <= Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return sum % d
  return Number((BigInt(a) * BigInt(b) + BigInt(c)) % BigInt(d))
}
