import type { Principal, Scope } from '@sluice/core'
import { basicPermissions } from '@sluice/auth-kit'
import { globs } from '@sluice/core'
import { addresses } from './addresses.ts'
import type { KeyRecord } from './record.ts'
import { endOf, endOfPrevious } from './schedule.ts'

/** A key, ready to be asked. Times are milliseconds since the epoch. */
export interface Key {
  readonly id: string
  /** One and the same for all exchanges, so that others may remember things by it. */
  readonly principal: Principal
  readonly hash: Buffer
  /** Its text is good until then; 0 if it is disabled. */
  readonly until: number
  readonly previousHash: Buffer
  readonly previousUntil: number
  /** Undefined where there is no restriction. */
  readonly isFrom: ((ip: string) => boolean) | undefined
  readonly isModel: ((model: string) => boolean) | undefined
  readonly operations: ReadonlySet<string> | undefined
  readonly providers: ReadonlySet<string> | undefined
}

/** No text has this hash. */
export const NO_HASH = Buffer.alloc(32)

/** @throws Error on a record that says nothing usable */
export function keyOf(id: string, record: KeyRecord): Key {
  const { hash, previous, ips, models, operations, providers } = record
  return {
    id,
    principal: principalOf(id, record),
    hash: hashIn(hash),
    until: endOf(record),
    previousHash: previous ? hashIn(previous.hash) : NO_HASH,
    previousUntil: endOfPrevious(record),
    isFrom: ips && addresses(ips),
    isModel: models && globs(models),
    operations: operations && new Set(operations),
    providers: providers && new Set(providers),
  }
}

function hashIn(text: string): Buffer {
  const hash = Buffer.from(text, 'base64')
  if (hash.length !== NO_HASH.length) throw new RangeError('a hash of another length')
  return hash
}

/** What is compared with where there is no such key, so that it costs what a key does. */
export const NO_KEY: Key = {
  id: '',
  principal: { id: '' },
  hash: NO_HASH,
  until: 0,
  previousHash: NO_HASH,
  previousUntil: 0,
  isFrom: undefined,
  isModel: undefined,
  operations: undefined,
  providers: undefined,
}

/** The key that the config names. It may do everything, and has no record. */
export function adminKey(hash: Buffer): Key {
  const principal = deepFreeze<Principal>({
    id: 'admin',
    name: 'admin key of the config',
    key: 'admin',
    tags: [],
    roles: ['admin'],
    permissions: basicPermissions(['admin']),
    scopes: [],
  })
  return { ...NO_KEY, id: 'admin', principal, hash, until: Infinity }
}

function principalOf(id: string, record: KeyRecord): Principal {
  const { name, user, team, organisation, tags = [], roles, limits, budget, metadata } = record
  const sections = { ...(limits && { limits }), ...(budget && { budget }) }
  const scopes: Scope[] = [{ kind: 'key', id, sections }]
  if (user !== undefined) scopes.push({ kind: 'user', id: user, sections: {} })
  return deepFreeze<Principal>({
    id,
    name,
    key: id,
    ...(user !== undefined && { user }),
    ...(team !== undefined && { team }),
    ...(organisation !== undefined && { organisation }),
    tags,
    roles,
    permissions: basicPermissions(roles),
    scopes,
    ...(metadata && { metadata }),
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const item of Object.values(value)) deepFreeze(item)
  return Object.freeze(value)
}
