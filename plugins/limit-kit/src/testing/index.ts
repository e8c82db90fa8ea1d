/**
 * `@sluice/limit-kit/testing`: what tests of limits need: chats, many clients at once, chance that can be repeated,
 * counters and callers to set the scene with, and the suite of rules in a store.
 */
export * from './chat.ts'
export * from './crowd.ts'
export * from './random.ts'
export * from './stand-ins.ts'
export * from './stored-rules.ts'
