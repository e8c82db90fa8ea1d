/** `@sluice/usage-kit`: what tokens cost, and the terms in which plugins talk about it. */
export * from './cost.ts'
export * from './estimate.ts'
export * from './ledger.ts'
export * from './prices.ts'
export * from './steps.ts'
export * from './tokens.ts'
export * from './variant.ts'
