/** `@sluice/store-sqlite` */
export {}
