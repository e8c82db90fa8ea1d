import type { Claim } from '@sluice/store-kit'

/** Units of ten that are never given back. */
export const budget = (amount: number): Claim => {
  return { kind: 'window', key: 'budget', amount, limit: 10, until: Infinity }
}

/** One of two slots. */
export const slots = (): Claim => ({ kind: 'slots', key: 'slots', amount: 1, limit: 2 })
