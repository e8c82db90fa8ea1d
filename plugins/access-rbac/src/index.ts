/** `@sluice/access-rbac` */
export {}
