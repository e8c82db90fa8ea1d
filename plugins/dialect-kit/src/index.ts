/** `@sluice/dialect-kit`: what dialect plugins have in common. Pure functions, no I/O. */
export * from './collect.ts'
export * from './json.ts'
export * from './splice.ts'
export * from './sse.ts'
export * from './stream-codec.ts'
