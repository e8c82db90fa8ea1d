import type { Extensions, RequestContext } from '@sluice/core'

/** Reports the fields that only other dialects know. */
export function dropExtensions(extensions: Extensions, context: Pick<RequestContext, 'drop'>): void {
  for (const [dialect, fields] of Object.entries(extensions)) {
    for (const field of Object.keys(fields)) context.drop(field, `only ${dialect} has it`)
  }
}
