/** `@sluice/route-resilience` */
export {}
