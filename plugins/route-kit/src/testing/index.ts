/** `@sluice/route-kit/testing` */
export {}
