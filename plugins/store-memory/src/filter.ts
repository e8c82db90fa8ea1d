import type { Filter, Row, Scalar } from '@sluice/store-kit'

type Data = Row['data']

/** Whether a row's data are as `where` says. */
export function matcherOf(where: Filter['where'] = {}): (data: Data) => boolean {
  const conditions = Object.entries(where).map(([field, wanted]) => {
    return { field, wanted: new Set(Array.isArray(wanted) ? (wanted as Scalar[]) : [wanted as Scalar]) }
  })
  return (data) => conditions.every(({ field, wanted }) => matches(valueOf(data, field), wanted))
}

function matches(value: Scalar | readonly string[], wanted: ReadonlySet<Scalar>): boolean {
  return Array.isArray(value) ? value.some((each: string) => wanted.has(each)) : wanted.has(value as Scalar)
}

/** Null if there is none. */
export function valueOf(data: Data, field: string): Scalar | readonly string[] {
  return (Object.hasOwn(data, field) ? data[field] : null) ?? null
}
