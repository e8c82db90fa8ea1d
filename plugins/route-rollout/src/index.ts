/** `@sluice/route-rollout` */
export {}
