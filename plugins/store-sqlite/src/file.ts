/** The database file on disk: made so that only the gateway's user can read it, and held by one gateway at a time. */
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, GatewayError } from '@sluice/core'
import Database from 'better-sqlite3'

/** Milliseconds: how long to wait for one that is just closing, and how often to look. */
const PATIENCE = 250
const INTERVAL = 20

/**
 * Makes the file and its folders if they are not there, and takes it. The lock is the operating system's, so that it
 * ends with the process, however that ends.
 * @returns what gives it back
 * @throws GatewayError `config_invalid` if it cannot be made, or another gateway has it
 */
export async function claim(file: string): Promise<() => void> {
  try {
    makeFolder(dirname(file))
    createOnce(file)
    // One lock, by whatever links the file is reached.
    const lock = `${realpathSync(file)}.lock`
    createOnce(lock)
    const held = await take(lock)
    return () => void held.close()
  } catch (cause) {
    if (GatewayError.is(cause)) throw cause
    const hint = 'Make the folder writable for the user that the gateway runs as, or name another file.'
    throw new GatewayError('config_invalid', `${file} cannot be written (${describe(cause)}). ${hint}`, { cause })
  }
}

/**
 * With those above it. Node's own way tries for ever where a system says that the folder above is not there though it
 * is, as below /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  unlessThere(() => mkdirSync(path, { mode: 0o700 }))
}

/** Never opens a file that is there: closing it again would end all locks that this process has on it. */
function createOnce(file: string): void {
  unlessThere(() => writeFileSync(file, '', { flag: 'wx', mode: 0o600 }))
}

function unlessThere(make: () => void): void {
  try {
    make()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

async function take(lock: string): Promise<Database.Database> {
  const db = new Database(lock, { timeout: 0 })
  db.pragma('synchronous = OFF')
  try {
    for (const end = performance.now() + PATIENCE; !isTaken(db); await pause(INTERVAL)) {
      if (performance.now() < end) continue
      const holder = String(db.pragma('user_version', { simple: true }))
      throw inUse(lock.replace(/\.lock$/, ''), holder)
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Leaves the number of the process for whoever comes later: it can be read while the lock is held. */
function isTaken(db: Database.Database): boolean {
  try {
    db.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`)
    return true
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false
    throw error
  }
}

function inUse(file: string, holder: string): GatewayError {
  const advice = 'Stop that one or name another file; gateways that share records need store-postgres and store-redis'
  return new GatewayError('config_invalid', `${file} is in use by another gateway (process ${holder}). ${advice}.`)
}
