/** What a limit is counted by. Compiled at boot: for a request, the names of the counters that it falls on. */
import { hash } from 'node:crypto'
import { Type } from '@sluice/core'
import type { Exchange } from '@sluice/core'

export const DIMENSIONS = ['key', 'user', 'team', 'organisation', 'model', 'provider', 'tag', 'ip', 'global'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Schema of `per`. @param dimensions those that make sense for the limit */
export function Per<D extends Dimension>(dimensions: readonly D[]) {
  return Type.Array(Type.Enum([...dimensions] as [D, ...D[]]), {
    minItems: 1,
    uniqueItems: true,
    description:
      'What it is counted by, each value or combination of values by itself; `global`, also if absent, counts all together. Who has none of something is not limited by it; a caller without a key counts as one by its id.',
  })
}

/** Names of counters. `provider` is that of the attempt, '' outside attempts. */
export type Counted = (exchange: Exchange, provider: string) => readonly string[]

type Single = (exchange: Exchange, provider: string) => string | undefined
const SINGLE: { readonly [D in Exclude<Dimension, 'tag'>]: Single } = {
  key: ({ principal }) => principal.key ?? principal.id,
  user: ({ principal }) => principal.user,
  team: ({ principal }) => principal.team,
  organisation: ({ principal }) => principal.organisation,
  model: ({ model }) => (model === '' ? undefined : model),
  provider: (_, provider) => provider,
  ip: (exchange) => origin(exchange).start.ip,
  global: () => '',
}
const NONE: readonly string[] = []

/** Two requests fall on counters of one name if all their values are the same, and only then. */
export function compilePer(per: readonly Dimension[]): Counted {
  const singles = per.filter((dimension) => dimension !== 'tag').map((dimension) => SINGLE[dimension])
  const name = (exchange: Exchange, provider: string): string | undefined => {
    let joined = ''
    for (let i = 0; i < singles.length; i++) {
      const value = singles[i]!(exchange, provider)
      if (value === undefined) return undefined
      joined += `|${counterPart(value)}`
    }
    return joined
  }
  const byTag = per.includes('tag')
  return (exchange, provider) => {
    const { tags } = exchange.principal
    if (byTag && !tags?.length) return NONE
    const joined = name(exchange, provider)
    if (joined === undefined) return NONE
    return byTag ? Array.from(new Set(tags), (tag) => `${joined}|${counterPart(tag)}`) : [joined]
  }
}

/** Longer values are told by their digest. */
const LONGEST = 96
const [SPACE, HASH, BAR, DELETE] = [0x20, 0x23, 0x7c, 0x7f]

/**
 * A value as a part of a counter's name: as it is if it is short and printable, else its digest, since clients
 * choose some values and stores take not every text. Never holds `|`; different values never become the same.
 */
export function counterPart(value: string): string {
  if (value.length > LONGEST || value.charCodeAt(0) === HASH) return digest(value)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    if (unit <= SPACE || unit === BAR || unit >= DELETE) return digest(value)
  }
  return value
}

/** Over UTF-16: as UTF-8, lone surrogates would all become one. */
function digest(value: string): string {
  return `#${hash('sha256', Buffer.from(value, 'utf16le'), 'base64url')}`
}

/** What the gateway asks by itself, it asks for a client. */
function origin(exchange: Exchange): Exchange {
  let from = exchange
  while (from.start.parent) from = from.start.parent
  return from
}
