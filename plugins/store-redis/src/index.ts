/** `@sluice/store-redis` */
export {}
