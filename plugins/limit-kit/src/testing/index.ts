/** `@sluice/limit-kit/testing`: what tests of limits need: many clients at once, and chance that can be repeated. */
export * from './crowd.ts'
export * from './random.ts'
