/** `@sluice/auth-keys` */
export {}
