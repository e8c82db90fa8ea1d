/** `@sluice/secrets-vault` */
export {}
