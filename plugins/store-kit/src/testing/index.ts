/** `@sluice/store-kit/testing`: one suite for each capability; every plugin that provides it passes. */
export * from './cache.ts'
export * from './counters.ts'
export { testJournal } from './journal.ts'
export * from './leases.ts'
export * from './outages.ts'
export * from './outcome.ts'
export * from './store.ts'
export type { Setting, Subject, TestFunction } from './subject.ts'
