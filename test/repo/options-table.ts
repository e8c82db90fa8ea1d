/** The table of a plugin's options in its README, made from their schema. */
import { Duration, Size } from '@sluice/core'
import type { PluginDefinition } from '@sluice/core'

const START = '<!-- options:start -->'
const END = '<!-- options:end -->'
const NONE = 'This plugin has no options.'

/** What a JSON Schema says, as far as the table tells it. */
interface Schema {
  type?: string | string[]
  description?: string
  default?: unknown
  enum?: unknown[]
  const?: unknown
  pattern?: string
  properties?: { [name: string]: Schema }
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  patternProperties?: { [pattern: string]: Schema }
}

/** `readme` with the table of `options` between its marks. Throws if it has no marks. */
export function withOptionsTable(readme: string, options: PluginDefinition['options']): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`README.md has no place for its options: ${START} ${END}`)
  return `${readme.slice(0, start)}${START}\n${optionsTable(options)}\n${readme.slice(end)}`
}

function optionsTable(options: Schema | undefined): string {
  const rows = options ? rowsOf(options, '') : []
  if (rows.length === 0) return NONE
  const lines = [['Option', 'Type', 'Default', 'Meaning'], ['---', '---', '---', '---'], ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A row for each property, and below it, those of the objects it holds. */
function rowsOf({ properties = {}, required = [] }: Schema, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const own = [
      `\`${path}${name}\``,
      typeOf(schema),
      fallback(schema, required.includes(name)),
      schema.description ?? '',
    ]
    return [
      own.map((cell) => cell.replaceAll('|', '\\|')),
      ...rowsOf(schema, `${path}${name}.`),
      ...itemRows(schema, `${path}${name}`),
    ]
  })
}

function itemRows({ items }: Schema, path: string): string[][] {
  return items ? rowsOf(items, `${path}[].`) : []
}

function fallback(schema: Schema, isRequired: boolean): string {
  if (schema.default !== undefined) return literal(schema.default)
  return isRequired ? 'required' : '–'
}

function typeOf(schema: Schema): string {
  const { type, pattern, anyOf, items, patternProperties } = schema
  if (schema.enum) return schema.enum.map(literal).join(' | ')
  if (schema.const !== undefined) return literal(schema.const)
  if (anyOf) return anyOf.map(typeOf).join(' | ')
  if (pattern !== undefined && pattern === (Duration('') as Schema).pattern) return 'duration'
  if (pattern !== undefined && pattern === (Size('') as Schema).pattern) return 'size'
  if (type === 'array') return `list of ${items ? typeOf(items) : 'anything'}`
  if (patternProperties) return `names → ${Object.values(patternProperties).map(typeOf).join(' | ')}`
  return [type ?? 'anything'].flat().join(' | ')
}

/** As one would write it in a config. */
function literal(value: unknown): string {
  return typeof value === 'string' ? `\`'${value}'\`` : `\`${JSON.stringify(value)}\``
}
