/** `@sluice/usage-ledger` */
export {}
