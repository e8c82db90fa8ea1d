/**
 * What the file is made of, from empty to now. Only ever add to the list: a migration that was released is never
 * changed. Names are BLOBs (`keyOf`), moments are milliseconds since the epoch.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE records (
    collection BLOB NOT NULL,
    id BLOB NOT NULL,
    value TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires REAL,
    PRIMARY KEY (collection, id)
  ) STRICT;
  CREATE INDEX records_expires ON records (expires) WHERE expires IS NOT NULL;

  CREATE TABLE rows (
    journal BLOB NOT NULL,
    id BLOB NOT NULL,
    time REAL NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (journal, id)
  ) STRICT;
  CREATE INDEX rows_time ON rows (journal, time, id);

  CREATE TABLE cache (
    key BLOB NOT NULL PRIMARY KEY,
    value BLOB NOT NULL,
    size INTEGER NOT NULL,
    expires REAL NOT NULL
  ) STRICT;
  CREATE INDEX cache_expires ON cache (expires, size);

  CREATE TABLE counters (
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    used INTEGER NOT NULL,
    credit INTEGER NOT NULL,
    period INTEGER NOT NULL,
    at REAL NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT, WITHOUT ROWID;
  `,
]
