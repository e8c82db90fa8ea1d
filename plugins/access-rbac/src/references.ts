import { GatewayError } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import type { UnitKind } from './unit.ts'

const PAGE = 1_000
/** Collections whose records say to whom they belong, and in which fields. */
const HOLDERS: { readonly [Kind in UnitKind]: readonly (readonly [collection: string, field: string])[] } = {
  organisation: [
    ['teams', 'organisation'],
    ['users', 'organisation'],
    ['keys', 'organisation'],
  ],
  team: [
    ['teams', 'parent'],
    ['users', 'team'],
    ['keys', 'team'],
  ],
  user: [['keys', 'user']],
}

/**
 * What belongs to nobody has nobody's limits: whatever something still belongs to stays.
 * @throws GatewayError `conflict` that names what belongs to it
 */
export async function requireUnused(store: Store, kind: UnitKind, id: string): Promise<void> {
  for (const [collection, field] of HOLDERS[kind]) {
    for (let after: string | undefined; ;) {
      const page = await store.list(collection, { limit: PAGE, ...(after !== undefined && { after }) })
      const member = page.find(({ value }) => value[field] === id)
      if (member) {
        const message = `The ${kind} "${id}" is that of ${collection}: "${member.id}", and perhaps others. Disable it, or move them first.`
        throw new GatewayError('conflict', message)
      }
      if (page.length < PAGE) break
      after = page.at(-1)!.id
    }
  }
}
