/** How rows stand in a spool: a line each, what has begun and what has ended. */
import type { Row } from '@sluice/store-kit'
import type { Draft } from './row.ts'

/**
 * What an exchange that has begun would leave behind if the process died: its row so far, its first target, and the
 * tokens that it may come to.
 */
export type Begun = { head: Draft; provider: string; model: string; input: number; output: number }

/** Journals leave such lines out. */
const BEGUN = '?'

export function begunLine(begun: Begun): string {
  return `${BEGUN}${JSON.stringify(begun)}\n`
}

export function rowLine(row: Row): string {
  return `${JSON.stringify(row)}\n`
}

export function isRowLine(line: string): boolean {
  return line !== '' && !line.startsWith(BEGUN)
}

/** @returns undefined for a line that the process could not write to its end */
export function readLine(line: string): { begun: Begun } | { row: Row } | undefined {
  const isBegun = line.startsWith(BEGUN)
  let value: unknown
  try {
    value = JSON.parse(isBegun ? line.slice(1) : line)
  } catch {
    return undefined
  }
  if (!isBegun) return isRow(value) ? { row: value } : undefined
  return isRow((value as Begun | null)?.head) ? { begun: value as Begun } : undefined
}

function isRow(value: unknown): value is Row {
  const row = value as Partial<Row> | null | undefined
  return (
    typeof row?.id === 'string' && typeof row.time === 'number' && typeof row.data === 'object' && row.data !== null
  )
}

/** Rows that stand in lines of JSON, as this process wrote them. */
export function rowsOf(lines: Buffer): Row[] {
  const texts = lines.toString().split('\n').filter(isRowLine)
  return texts.map((text) => JSON.parse(text) as Row)
}
