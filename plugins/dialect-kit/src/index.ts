/** `@sluice/dialect-kit`: what dialect plugins have in common. Pure functions, no I/O. */
export * from './claude/index.ts'
export * from './collect.ts'
export * from './json.ts'
export * from './keeper.ts'
export * from './retry-after.ts'
export * from './splice.ts'
export * from './sse.ts'
export * from './stream-codec.ts'
