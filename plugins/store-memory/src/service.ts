/** What all processes of a gateway share: each use of this service is of one kind. */
import type { ServiceContext } from '@sluice/core/cluster'
import { BucketTable } from '@sluice/store-kit'
import { MemoryCache } from './memory-cache.ts'
import { MemoryJournal } from './memory-journal.ts'
import { MemoryStore } from './memory-store.ts'

/** By kind. */
export interface Kept {
  records: MemoryStore
  counters: BucketTable
  cache: MemoryCache
  journals: MemoryJournal
}

const MAKERS: { [K in keyof Kept]: (context: ServiceContext) => Kept[K] } = {
  records: (context) => new MemoryStore((change) => context.publish(change)),
  counters: (context) => {
    const table = new BucketTable()
    context.onPeerLost((peer) => table.dropPeer(peer))
    return table
  },
  cache: () => new MemoryCache(),
  journals: () => new MemoryJournal(),
}

/** @param instance whose it is: what it holds outlives a reload that changes its bounds */
export default function create<K extends keyof Kept>(
  { kind }: { instance: string; kind: K },
  context: ServiceContext,
): Kept[K] {
  return MAKERS[kind](context)
}
