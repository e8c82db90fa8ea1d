/** `@sluice/usage-prices` */
export {}
