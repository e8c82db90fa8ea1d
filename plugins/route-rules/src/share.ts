/** A part of all requests, the same ones each time. */
import { ANONYMOUS, Type } from '@sluice/core'
import type { Exchange, Static } from '@sluice/core'
import { pointOf } from '@sluice/route-kit'

const Percent = Type.Number({ minimum: 0, maximum: 100 })
const STICKY = ['user', 'key', 'exchange'] as const

export const Share = Type.Union([
  Percent,
  Type.Object({ of: Percent, by: Type.Enum([...STICKY]) }, { additionalProperties: false }),
])
export type Share = Static<typeof Share>

/**
 * Whether an exchange falls into the share: always the same for one user, key or exchange. A larger share holds all
 * of a smaller one. Shares of different `salt` are independent of each other.
 */
export function compileShare(share: Share, salt: string): (exchange: Exchange) => boolean {
  const { of, by } = typeof share === 'number' ? { of: share, by: 'user' as const } : share
  return (exchange) => pointOf(`${salt}\n${idOf(exchange, by)}`) * 100 < of
}

/** Who has none of something goes by the next that tells it from others. */
function idOf(exchange: Exchange, by: (typeof STICKY)[number]): string {
  const { principal, id } = exchange
  if (by === 'exchange') return id
  if (by === 'user' && principal.user !== undefined) return principal.user
  return principal.key ?? (principal === ANONYMOUS ? id : principal.id)
}
