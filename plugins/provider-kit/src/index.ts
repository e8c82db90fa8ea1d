/** `@sluice/provider-kit`: what provider plugins have in common. The only package that calls undici. */
export { httpProvider } from './http-provider.ts'
export type { HttpProviderOptions, OutgoingRequest } from './http-provider.ts'
export { HttpOptions, httpOptionsOf } from './http-options.ts'
export { adapter, THOUGHT_FIELDS } from './adapter.ts'
export type { Quirks } from './adapter.ts'
export { TimeoutOptions, timeoutsOf } from './timeouts.ts'
