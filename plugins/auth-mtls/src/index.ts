/** `@sluice/auth-mtls` */
export {}
