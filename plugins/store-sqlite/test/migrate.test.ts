import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { migrate } from '../src/migrate.ts'
import { MIGRATIONS } from '../src/migrations.ts'
import { Folder, open } from './support/database.ts'

const FIRST = 'CREATE TABLE things (id TEXT NOT NULL) STRICT'
const SECOND = 'ALTER TABLE things ADD COLUMN size INTEGER; UPDATE things SET size = length(id)'
const versionOf = (db: Database.Database): unknown => db.pragma('user_version', { simple: true })

/** A database in memory that has seen these. */
function migrated(...migrations: string[]): Database.Database {
  const db = new Database(':memory:')
  migrate(db, migrations)
  return db
}

test('a database goes forward from any version, with what is in it', () => {
  const db = migrated(FIRST)
  db.exec("INSERT INTO things VALUES ('abc')")
  migrate(db, [FIRST, SECOND])
  expect([versionOf(db), db.prepare('SELECT * FROM things').all()]).toEqual([2, [{ id: 'abc', size: 3 }]])
  migrate(db, [FIRST, SECOND])
  expect(versionOf(db)).toBe(2)
})

test('a migration that fails leaves the database as the one before it made it', () => {
  const db = migrated(FIRST)
  db.exec("INSERT INTO things VALUES ('abc')")
  const third = 'CREATE TABLE more (id TEXT) STRICT; CREATE UNIQUE INDEX things_size ON nothing (size)'
  expect(() => migrate(db, [FIRST, SECOND, third])).toThrow(/Migration 3 failed.*still at schema 2/)
  expect(versionOf(db)).toBe(2)
  migrate(db, [FIRST, SECOND])
  expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'more'").get()).toBeUndefined()
})

test.each<[what: string, damage: string]>([
  ['a table is missing', 'DROP TABLE things'],
  ['a column is missing', 'ALTER TABLE things DROP COLUMN size'],
  ['half of a later migration has been run', 'ALTER TABLE things ADD COLUMN colour TEXT'],
])('a database is refused if %s', (_, damage) => {
  const db = migrated(FIRST, SECOND)
  db.exec(damage)
  expect(() => migrate(db, [FIRST, SECOND, 'CREATE TABLE more (id TEXT)'])).toThrow(/damaged: "things"/)
  expect(versionOf(db)).toBe(2)
})

test('what somebody added beside is left alone', () => {
  const db = migrated(FIRST)
  db.exec('CREATE VIEW sizes AS SELECT length(id) AS size FROM things; CREATE INDEX mine ON things (id)')
  migrate(db, [FIRST, SECOND])
  expect(versionOf(db)).toBe(2)
})

test('a database of a newer version is refused, and not touched', () => {
  const db = migrated(FIRST, SECOND)
  expect(() => migrate(db, [FIRST])).toThrow(/newer version/)
  expect(versionOf(db)).toBe(2)
})

test('a database of something else is refused, and not touched', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE records (mine TEXT)')
  expect(() => migrate(db, [FIRST])).toThrow(/something else/)
  expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['records'])
})

describe('at boot', () => {
  test.each<[what: string, change: string]>([
    ['of a newer version', `PRAGMA user_version = ${MIGRATIONS.length + 1}`],
    ['whose schema is damaged', 'DROP TABLE cache'],
  ])('a file %s is refused, and can be opened again once it is mended', async (_, change) => {
    using folder = new Folder()
    await (await open(folder.file)).close()
    const db = new Database(folder.file)
    const mend = db.prepare('SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND tbl_name = ?').pluck().all('cache')
    db.exec(change)
    await expect(open(folder.file)).rejects.toMatchObject({ code: 'config_invalid' })
    if (change.startsWith('DROP')) db.exec(mend.join(';'))
    db.pragma(`user_version = ${MIGRATIONS.length}`)
    db.close()
    await using opened = await open(folder.file)
    expect(await opened.store.put('a', '1', {})).toBe(1)
  })
})
