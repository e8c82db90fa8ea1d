/** `@sluice/auth-jwt` */
export {}
