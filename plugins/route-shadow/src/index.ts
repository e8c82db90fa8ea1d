/** `@sluice/route-shadow` */
export {}
