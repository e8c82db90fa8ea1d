/** Brings a file to the schema of this version, or refuses it. */
import Database from 'better-sqlite3'
import { MIGRATIONS } from './migrations.ts'
import { reasonOf, Refusal } from './refusal.ts'

/** Marks the file as Sluice's in its header: "SLUC". */
const APPLICATION = 0x534c5543

/**
 * Runs the migrations that `db` has not seen, each in a transaction of its own; those before it stay if one fails.
 * @throws Refusal if the file is something else's, of a newer version, or not what its version says
 */
export function migrate(db: Database.Database, migrations: readonly string[] = MIGRATIONS): void {
  const version = versionOf(db)
  if (version > migrations.length) {
    const known = `this one knows schema ${migrations.length} at most, the file has ${version}`
    throw new Refusal(
      `It was written by a newer version of store-sqlite (${known}). Update the gateway, or restore a backup.`,
    )
  }
  verify(db, migrations.slice(0, version))
  for (const [index, migration] of migrations.entries()) if (index >= version) apply(db, index + 1, migration)
}

function versionOf(db: Database.Database): number {
  const application = db.pragma('application_id', { simple: true })
  const version = db.pragma('user_version', { simple: true }) as number
  if (application === APPLICATION && version > 0) return version
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (isEmpty && application === 0 && version === 0) return 0
  throw new Refusal('It is a database of something else. Name another file.')
}

/** All that the migrations made is there, as they made it. */
function verify(db: Database.Database, migrations: readonly string[]): void {
  const wanted = new Database(':memory:')
  for (const migration of migrations) wanted.exec(migration)
  const found = schemaOf(db)
  for (const [name, sql] of schemaOf(wanted)) {
    if (found.get(name) === sql) continue
    const what = found.has(name) ? 'is not what it should be' : 'is missing'
    throw new Refusal(`Its schema is damaged: "${name}" ${what} (schema ${migrations.length}). Restore a backup.`)
  }
}

function schemaOf(db: Database.Database): Map<string, string> {
  const rows = db.prepare<[], { name: string; sql: string }>('SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL')
  return new Map(rows.all().map(({ name, sql }) => [name, sql]))
}

function apply(db: Database.Database, version: number, migration: string): void {
  try {
    db.transaction(() => {
      db.exec(migration)
      db.pragma(`application_id = ${APPLICATION}`)
      db.pragma(`user_version = ${version}`)
    }).immediate()
  } catch (cause) {
    const now = `the file is still at schema ${version - 1}`
    throw new Refusal(`Migration ${version} failed (${reasonOf(cause)}); ${now}. Nothing is served until it succeeds.`)
  }
}
