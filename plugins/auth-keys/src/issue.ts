/** Makes the records of keys, and of keys with another text. */
import type { Hasher } from './hasher.ts'
import { newKeyText, shownText } from './key-text.ts'
import type { KeyInput, KeyRecord } from './record.ts'
import { DEFAULT_ROLES } from './record.ts'
import { endOf } from './schedule.ts'

/** A record, and the text that is shown once. */
export type Issued = { record: KeyRecord; text: string }

/** @param by id of the principal that makes it */
export function issue(id: string, input: KeyInput, by: string, hasher: Hasher): Issued {
  const text = newKeyText(id)
  const now = new Date().toISOString()
  const roles = [...(input.roles ?? DEFAULT_ROLES)]
  const own = { roles, ...hashed(text, hasher), createdAt: now, createdBy: by, rotatedAt: now }
  return { record: { ...input, ...own }, text }
}

/** The same key with what may be written replaced. */
export function rewrite(input: KeyInput, current: KeyRecord): KeyRecord {
  const { hash, prefix, previous, createdAt, createdBy, rotatedAt } = current
  const roles = [...(input.roles ?? DEFAULT_ROLES)]
  const own = { roles, hash, prefix, createdAt, createdBy, rotatedAt }
  return { ...input, ...own, ...(previous && { previous }) }
}

/**
 * The same key with another text.
 * @param grace milliseconds for which the text until now goes on working, if it does: what has ended stays so
 */
export function reissue(id: string, current: KeyRecord, grace: number, hasher: Hasher): Issued {
  const text = newKeyText(id)
  const now = Date.now()
  const until = Math.min(now + grace, endOf(current))
  const { previous: _, ...rest } = current
  const previous = { hash: current.hash, until: new Date(until).toISOString() }
  const own = { ...hashed(text, hasher), rotatedAt: new Date(now).toISOString() }
  return { record: { ...rest, ...own, ...(until > now && { previous }) }, text }
}

function hashed(text: string, hasher: Hasher): Pick<KeyRecord, 'hash' | 'prefix'> {
  return { hash: hasher.hash(text).toString('base64'), prefix: shownText(text) }
}
