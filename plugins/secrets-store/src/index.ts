/** `@sluice/secrets-store` */
export {}
