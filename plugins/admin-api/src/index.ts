/** `@sluice/admin-api` */
export {}
