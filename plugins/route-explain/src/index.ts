/** `@sluice/route-explain` */
export {}
