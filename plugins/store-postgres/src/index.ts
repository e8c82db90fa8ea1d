/** `@sluice/store-postgres` */
export {}
