/** `@sluice/limit-rate` */
export {}
