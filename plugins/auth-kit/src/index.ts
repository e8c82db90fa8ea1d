/** `@sluice/auth-kit`: what plugins that authenticate have in common. */
export * from './credential.ts'
export * from './roles.ts'
