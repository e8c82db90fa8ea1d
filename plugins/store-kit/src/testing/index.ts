/** `@sluice/store-kit/testing`: one suite for each capability; every plugin that provides it passes. */
export * from './store.ts'
