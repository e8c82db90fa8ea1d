/** Revisions as entity tags: a client that names the one it has seen overwrites nobody's change unawares. */
import { invalidRequest } from '@sluice/core'

/** `"3"` */
export function etag(revision: number): string {
  return `"${revision}"`
}

/** Undefined if none is named, or any will do. @throws GatewayError `invalid_request` */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const [, digits] = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(header) ?? []
  if (digits === undefined) throw invalidRequest('"if-match" must be the etag of the record, like "3".', 'if-match')
  return Number(digits)
}
