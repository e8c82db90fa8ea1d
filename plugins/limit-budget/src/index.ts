/** `@sluice/limit-budget` */
export {}
