import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cache, Journal, RemoteCounters, Store } from '@sluice/store-kit'
import { SqliteCache } from '../../src/cache.ts'
import { SqliteCounters } from '../../src/counters.ts'
import { SqliteJournal } from '../../src/journal.ts'
import { PointReader } from '../../src/point-reader.ts'
import openDatabase from '../../src/service.ts'
import type { DatabaseEvent, SharedDatabase } from '../../src/shared-database.ts'
import { SqliteStore } from '../../src/store.ts'

/** A folder that is gone in the end. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'sluice-sqlite-'))

  get file(): string {
    return join(this.path, 'sluice.db')
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** What a process that uses the database has of it. */
export interface Handle {
  store: Store
  counters: RemoteCounters
  cache: Cache
  journal: Journal
}

/** An open database with several handles, as processes have them. */
export interface Opened extends Handle, AsyncDisposable {
  shared: SharedDatabase
  handles: readonly [Handle, Handle]
  /** What the processes were told, but for changes. */
  events: readonly DatabaseEvent[]
  /** What was logged. */
  logged: readonly unknown[]
  /** Tells the database that the process of a handle is gone. */
  lose: (handle: Handle) => void
  close: () => Promise<void>
}

export async function open(file: string, now: () => number = Date.now): Promise<Opened> {
  const events: DatabaseEvent[] = []
  const logged: unknown[] = []
  const stores: SqliteStore[] = []
  let lost: (peer: string) => void = () => undefined
  const publish = (event: unknown): void => {
    const known = event as DatabaseEvent
    if (known.type === 'changed') for (const store of stores) store.changed(known.collection, known.id)
    else events.push(known)
  }
  const shared = await openDatabase({ file }, { publish, onPeerLost: (listener) => void (lost = listener) }, now)
  const readers: PointReader[] = []
  const handle = (peer: string): Handle => {
    const reader = new PointReader(file, now)
    const store = new SqliteStore(shared, reader, { error: (line: unknown) => void logged.push(line) } as never)
    readers.push(reader)
    stores.push(store)
    return {
      store,
      counters: new SqliteCounters(shared, peer),
      cache: new SqliteCache(shared, reader),
      journal: new SqliteJournal(shared, reader),
    }
  }
  const handles = [handle('peer-0'), handle('peer-1')] as const
  const close = async (): Promise<void> => {
    for (const reader of readers) reader.close()
    await shared.close()
  }
  const lose = (gone: Handle): void => lost(`peer-${handles.indexOf(gone)}`)
  return { ...handles[0], shared, handles, events, logged, lose, close, [Symbol.asyncDispose]: close }
}
