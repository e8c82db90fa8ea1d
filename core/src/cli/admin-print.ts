/** Replies of the operators' interface, for people and for programs. */
import type { JsonObject } from '../model.ts'
import type { AdminReply } from './admin-client.ts'
import { columns, styled } from './report.ts'

/** Characters of a cell. */
const WIDTH = 48
/** Columns that stand in front. */
const FIRST = ['id', 'time', 'name']

/** A page as a table, another object as lines, a text as it is; '' for nothing. */
export function shownReply({ body }: AdminReply, output: 'text' | 'json'): string {
  if (body === undefined) return output === 'json' ? '' : 'Done.'
  if (typeof body === 'string') return body.replace(/\n$/, '')
  if (output === 'json') return JSON.stringify(body, null, 2)
  const { data } = body
  return Array.isArray(data) ? table(data as unknown[], body) : lines(body).join('\n')
}

function table(rows: readonly unknown[], { data: _, next, ...rest }: JsonObject): string {
  const objects = rows.map((row) => (isObject(row) ? row : { value: row }))
  const more = typeof next === 'string' ? [`There are more: --cursor ${safe(next)}`] : []
  const others = lines(rest)
  if (objects.length === 0) return ['There are none.', ...others].join('\n')
  const names = [...new Set(objects.flatMap(Object.keys))].filter((name) =>
    objects.some((row) => cell(row[name]) !== ''),
  )
  const order = [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name))]
  const [head = '', ...body] = columns([order.map(cell), ...objects.map((row) => order.map((name) => cell(row[name])))])
  return [styled('bold', head), ...body, ...others, ...more].join('\n')
}

function cell(value: unknown): string {
  const text = textOf(value)
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text
}

/** `key: value`, fields inside others with dots. */
function lines(value: JsonObject, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, field]) => {
    const at = `${prefix}${safe(name)}`
    return isObject(field) && Object.keys(field).length > 0
      ? lines(field, `${at}.`)
      : [`${at}: ${textOf(field)}`.trimEnd()]
  })
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return safe(value)
  if (Array.isArray(value) && !value.some((each) => typeof each === 'object')) return safe(value.join(', '))
  return safe(JSON.stringify(value))
}

/** Names and paths are other people's words: none of them speaks to the terminal. */
export function safe(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, '\ufffd')
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
