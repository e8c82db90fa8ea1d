import { hash } from 'node:crypto'
import { invalidRequest } from '@sluice/core'

/** Two of them find room in an index, and in a notification. */
const LONGEST = 600

/**
 * A name or an id as it is kept: UTF-16BE, whose bytes order as the code units of texts do, and which takes NUL and
 * lone surrogates, as PostgreSQL's own texts do not.
 * @throws GatewayError `invalid_request` if it is too long
 */
export function keyOf(text: string): Buffer {
  if (text.length > LONGEST) {
    throw invalidRequest(`"${text.slice(0, 20)}…" is too long for a name or an id: ${LONGEST} characters at most.`)
  }
  return Buffer.from(text, 'utf16le').swap16()
}

/** The text of a key. */
export function textOf(key: Buffer): string {
  return Buffer.from(key).swap16().toString('utf16le')
}

/** A key from which the text need not be told: of what is too long, its hash. */
export function shortKeyOf(text: string): Buffer {
  return keyOf(text.length > LONGEST ? hash('sha256', text) : text)
}
