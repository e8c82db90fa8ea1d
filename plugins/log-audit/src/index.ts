/** `@sluice/log-audit` */
export {}
