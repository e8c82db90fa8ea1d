/** `@sluice/route-balance` */
export {}
