/** `@sluice/route-chain` */
export {}
