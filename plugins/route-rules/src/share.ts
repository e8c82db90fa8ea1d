/** A part of all requests, the same ones each time. */
import { ANONYMOUS, Type } from '@sluice/core'
import type { Exchange, Static } from '@sluice/core'

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
  return (exchange) => fraction(`${salt}\n${idOf(exchange, by)}`) * 100 < of
}

/** Who has none of something goes by the next that tells it from others. */
function idOf(exchange: Exchange, by: (typeof STICKY)[number]): string {
  const { principal, id } = exchange
  if (by === 'exchange') return id
  if (by === 'user' && principal.user !== undefined) return principal.user
  return principal.key ?? (principal === ANONYMOUS ? id : principal.id)
}

/** From 0 up to, but not, 1: FNV-1a over UTF-16 with MurmurHash3's finish, so that near texts fall far apart. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
