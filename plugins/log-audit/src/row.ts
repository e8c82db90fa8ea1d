/** Rows of the journal: each holds the hash of the one before, and so of all before it. */
import { createHash, createHmac } from 'node:crypto'
import type { Row } from '@sluice/store-kit'
import type { Entry } from './entry.ts'

/** Of the journal. */
export const JOURNAL = 'audit'

/** A place in the chain: the number of a row, from 1, and its hash. */
export type Place = { sequence: number; hash: string }
/** Where the next row goes, and the time that it may not be before. */
export type Head = Place & { time: number }
/** Of a row's text. */
export type Hash = (text: string) => string

export const START: Head = { sequence: 0, hash: '0'.repeat(64), time: 0 }

/** SHA-256 in hex, or HMAC-SHA-256 with a secret. */
export function hasher(secret: string | undefined): Hash {
  return (text) =>
    (secret === undefined ? createHash('sha256') : createHmac('sha256', secret)).update(text).digest('hex')
}

/**
 * The row after `head`. Entries that came at the same time share a row: rows are appended one by one, since of several
 * the first might lose its place to another process and the others not. Lists of what its entries say make it found.
 */
export function rowAfter(head: Head, entries: readonly Entry[], hash: Hash, now: number): Row {
  const { hash: prev, sequence, time } = head
  const data: Row['data'] = {
    prev,
    action: distinct(entries, 'action'),
    actor: distinct(entries, 'actor'),
    subject: distinct(entries, 'subject'),
    outcome: distinct(entries, 'outcome'),
    events: JSON.stringify(entries),
  }
  // Rows are read in the order of time: that of the chain, whoever's clock is ahead.
  const row = { id: idOf(sequence + 1), time: Math.max(now, time), data }
  return { ...row, data: { ...data, hash: hashOf(row, prev, hash) } }
}

/** Of what a row says, its own hash left out. */
export function hashOf({ id, time, data }: Row, prev: string, hash: Hash): string {
  const { hash: _, ...rest } = data
  const fields = Object.keys(rest).sort()
  return hash(`${prev}${JSON.stringify([id, time, fields.map((field) => [field, rest[field]])])}`)
}

export function headOf({ id, time, data }: Row): Head {
  return { sequence: Number(id), hash: String(data['hash']), time }
}

/** In digits of which the order is that of the numbers. */
export function idOf(sequence: number): string {
  return String(sequence).padStart(12, '0')
}

/** The entries of a row; none if it holds something else. */
export function entriesOf({ data }: Row): Entry[] {
  try {
    const entries = JSON.parse(String(data['events'])) as unknown
    return Array.isArray(entries) ? (entries as Entry[]) : []
  } catch {
    return []
  }
}

function distinct(entries: readonly Entry[], field: 'action' | 'actor' | 'subject' | 'outcome'): string[] {
  return [...new Set(entries.map((entry) => entry[field] ?? ''))].filter(Boolean)
}
