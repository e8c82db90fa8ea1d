/** `@sluice/route-kit/testing`: routing in virtual time, and the suite of a README's examples. */
export * from './event-queue.ts'
export * from './examples.ts'
export type { SimulatedRouter } from './life.ts'
export * from './random.ts'
export * from './report.ts'
export * from './simulated-exchange.ts'
export * from './simulated-upstream.ts'
export * from './simulation.ts'
