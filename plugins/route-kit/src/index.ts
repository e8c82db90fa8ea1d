/** `@sluice/route-kit` */
export {}
