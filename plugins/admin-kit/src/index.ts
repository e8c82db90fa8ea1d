/** `@sluice/admin-kit`: how plugins offer what they manage under `/admin/v1`. */
export * from './audit.ts'
