/** Rows as text for spreadsheets, which take some cells for formulas. */
import type { JsonObject } from '@sluice/core'

const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/

/** @returns a line for each row, the names of the columns before them if asked for */
export function csv(columns: readonly string[], rows: readonly JsonObject[], withHead: boolean): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','))
  return [...(withHead ? [columns.join(',')] : []), ...lines, ''].join('\r\n')
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = ([value].flat() as string[]).join(' ')
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
