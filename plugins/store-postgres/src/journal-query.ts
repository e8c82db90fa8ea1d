/** What a filter and sums are in SQL. */
import type { Bucket, Filter, Scalar, Sums } from '@sluice/store-kit'
import { sql } from 'kysely'
import type { RawBuilder } from 'kysely'
import { encode, encodeText } from './journal-data.ts'
import { keyOf } from './text-key.ts'

const SPANS: { readonly [bucket in Bucket]?: number } = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/** The rows of a journal that a filter takes. */
export function conditionOf(journal: string, { from, to, where = {} }: Filter): RawBuilder<boolean> {
  const conditions = [sql`journal = ${keyOf(journal)}`]
  if (from !== undefined) conditions.push(sql`time >= ${from}`)
  if (to !== undefined) conditions.push(sql`time < ${to}`)
  for (const [field, wanted] of Object.entries(where)) {
    const values: readonly Scalar[] = Array.isArray(wanted) ? wanted : [wanted as Scalar]
    const any = values.map((value) => sql`(${isValue(field, value)})`)
    conditions.push(any.length === 0 ? sql`false` : sql`(${sql.join(any, sql` or `)})`)
  }
  return sql.join<boolean>(conditions, sql` and `)
}

function isValue(field: string, value: Scalar): RawBuilder<unknown> {
  if (value === null) return sql`${valueOf(field)} = 'null'`
  const whole = encode({ [field]: value })
  const listed = encode({ [field]: [String(value)] })
  return typeof value === 'string'
    ? sql`data @> ${whole}::jsonb or data @> ${listed}::jsonb`
    : sql`data @> ${whole}::jsonb`
}

/** The value of a field; absent is null. */
function valueOf(field: string): RawBuilder<unknown> {
  return sql`coalesce(data -> ${encodeText(field)}::text, 'null')`
}

/** A line a group: the beginning of its span of time, the values of its fields, how many, and their sums. */
export function sumsOf(
  rows: RawBuilder<unknown>,
  condition: RawBuilder<boolean>,
  { by = [], bucket, fields }: Sums,
): RawBuilder<{ time: number | null; values: (Scalar | string[])[]; count: number; sums: number[] }> {
  const names = fields.map((_, i) => sql.id(`sum_${i}`))
  const numbers = fields.map((field, i) => {
    const value = valueOf(field)
    return sql`, case when jsonb_typeof(${value}) = 'number' then (${value})::numeric end as ${names[i]}`
  })
  const sums = names.map((name) => sql`coalesce(sum(${name}), 0)`)
  return sql`
    select time, values, count(*) as count, array[${sql.join(sums)}]::double precision[] as sums
    from (
      select ${beginningOf(bucket)} as time, jsonb_build_array(${sql.join(by.map(valueOf))}) as values
        ${sql.join(numbers, sql``)}
      from ${rows} where ${condition}
    ) as each
    group by time, values`
}

/** Of the span that a row's time is in, in UTC. */
function beginningOf(bucket: Bucket | undefined): RawBuilder<unknown> {
  if (bucket === undefined) return sql`null::double precision`
  const span = SPANS[bucket]
  if (span !== undefined) return sql`floor(time / ${sql.lit(span)}) * ${sql.lit(span)}`
  const month = sql`date_trunc('month', to_timestamp(time / 1000) at time zone 'UTC')`
  return sql`(extract(epoch from ${month}) * 1000)::double precision`
}
