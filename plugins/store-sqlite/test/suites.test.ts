import { testCache, testCounters, testJournal, testRemoteCounters, testStore } from '@sluice/store-kit/testing'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Folder, open } from './support/database.ts'
import type { Handle, Opened } from './support/database.ts'

/** One database for all cases, emptied for each of them: to open one takes the time of two threads. */
function emptied<T>(part: (handle: Handle) => T) {
  const folder = new Folder()
  let opened: Opened
  let clock = Date.now
  beforeAll(async () => {
    opened = await open(folder.file, () => clock())
  })
  afterAll(async () => {
    await opened.close()
    folder[Symbol.dispose]()
  })
  return (now: () => number) => {
    clock = now
    const db = new Database(folder.file)
    db.exec('DELETE FROM records; DELETE FROM rows; DELETE FROM cache')
    db.close()
    return { handles: opened.handles.map(part) as [T, T] }
  }
}

/** A new database for each case: counters are in memory. */
async function fresh(now: () => number) {
  const folder = new Folder()
  const opened = await open(folder.file, now)
  const close = async (): Promise<void> => {
    await opened.close()
    folder[Symbol.dispose]()
  }
  return { handles: [opened.handles[0].counters, opened.handles[1].counters] as const, close }
}

describe('as a store', () => {
  testStore({ test, create: emptied(({ store }) => store) })
})
describe('as a cache', () => {
  testCache({ test, create: emptied(({ cache }) => cache) })
})
describe('as a journal', () => {
  testJournal({ test, create: emptied(({ journal }) => journal) })
})
describe('as counters', () => {
  testCounters({ test, create: fresh })
  testRemoteCounters({ test, create: fresh })
})
