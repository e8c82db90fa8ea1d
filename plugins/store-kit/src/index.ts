/** `@sluice/store-kit`: the capabilities that plugins keep things in. */
export * from './cache.ts'
export * from './counters.ts'
export * from './journal.ts'
export * from './store.ts'
