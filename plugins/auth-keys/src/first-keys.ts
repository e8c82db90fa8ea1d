/** The keys that a gateway begins with: somebody must be able to make the others. */
import { GatewayError } from '@sluice/core'
import type { Announcement } from '@sluice/core'
import type { Store } from '@sluice/store-kit'
import { KEYS, META } from './collections.ts'
import type { Hasher } from './hasher.ts'
import { issue } from './issue.ts'
import { newKeyId } from './key-text.ts'

const MARKER = 'first-keys'
/** Milliseconds after which a process that began is taken to have died over it. */
const ABANDONED = 60_000

export interface FirstKeys {
  store: Store
  hasher: Hasher
  /** Whether the config names an admin key, so that none has to be made. */
  hasAdmin: boolean
}

/**
 * Makes the first keys of a store that never had any. Of several processes that start together, one does.
 * @returns what shows them, this once; undefined if it was not this process's turn
 */
export async function makeFirstKeys({ store, hasher, hasAdmin }: FirstKeys): Promise<Announcement | undefined> {
  const revision = await claim(store)
  if (revision === undefined || (await store.list(KEYS, { limit: 1 })).length > 0) return undefined
  const make = async (name: string, role: string): Promise<string> => {
    const id = newKeyId()
    const { record, text } = issue(id, { name, roles: [role] }, 'first-start', hasher)
    await store.put(KEYS, id, { ...record }, { revision: 0 })
    return text
  }
  const apiKey = await make('first client key', 'client')
  const lines = [`  client  ${apiKey}`]
  if (!hasAdmin) lines.push(`  admin   ${await make('first admin key', 'admin')}`)
  await store.put(META, MARKER, { done: true }, { revision })
  return { text: ['API keys, shown only this once:', ...lines].join('\n'), apiKey }
}

/** @returns revision of the marker if the turn is ours */
async function claim(store: Store): Promise<number | undefined> {
  const marker = await store.find(META, MARKER)
  const begunAt = Number(marker?.value['begunAt'] ?? 0)
  if (marker && (marker.value['done'] === true || Date.now() - begunAt < ABANDONED)) return undefined
  try {
    return await store.put(META, MARKER, { begunAt: Date.now() }, { revision: marker?.revision ?? 0 })
  } catch (error) {
    if (GatewayError.is(error) && error.code === 'conflict') return undefined
    throw error
  }
}
