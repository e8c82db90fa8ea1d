/** `@sluice/route-rules` */
export {}
