/** `@sluice/auth-kit` */
export {}
