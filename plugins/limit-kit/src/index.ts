/** `@sluice/limit-kit` */
export {}
