import { timingSafeEqual } from 'node:crypto'
import { invalidCredential } from '@sluice/auth-kit'
import type { Hasher } from './hasher.ts'
import { adminKey, NO_KEY } from './key.ts'
import type { Key } from './key.ts'
import type { KeySync } from './key-sync.ts'
import type { Entry, KeyTable } from './key-table.ts'
import { keyIdOf } from './key-text.ts'
import { Recent } from './recent.ts'

/** A text that was found to be a key's. Holds as long as the key's entry is the one in the table. */
type Verified = { key: Key; entry: Entry | undefined; until: number }

/** Texts that are remembered. */
const TEXTS = 20_000

/** Tells whose key a text is. */
export class Verifier {
  readonly #table: KeyTable
  readonly #sync: KeySync
  readonly #hasher: Hasher
  readonly #admin: Key | undefined
  /**
   * By the whole text, which memory holds anyway while requests do. A look-up compares texts only after their seeded
   * hashes are equal, so that how long it takes tells nothing about them.
   */
  readonly #verified = new Recent<string, Verified>(TEXTS)

  /** @param admin text of the key that the config names */
  constructor(table: KeyTable, sync: KeySync, hasher: Hasher, admin: string | undefined) {
    this.#table = table
    this.#sync = sync
    this.#hasher = hasher
    this.#admin = admin === undefined ? undefined : adminKey(hasher.hash(admin))
  }

  /**
   * The key with this text; undefined if the text is not of the form of a key. One that is known answers at once.
   * @param now milliseconds since the epoch
   * @throws GatewayError `invalid_api_key`, the same for all that is wrong; `overloaded` if the store cannot be asked
   */
  verify(text: string, now: number): Key | undefined | Promise<Key> {
    const known = this.#verified.get(text)
    if (known && known.until > now && this.#table.get(known.key.id) === known.entry) return known.key
    const id = keyIdOf(text)
    const admin = this.#admin
    if (id === undefined && !admin) return undefined
    const hash = this.#hasher.hash(text)
    if (admin && timingSafeEqual(hash, admin.hash)) {
      this.#verified.set(text, { key: admin, entry: undefined, until: admin.until })
      return admin
    }
    if (id === undefined) return undefined
    return this.#match(id, hash, text, now) ?? this.#askStore(id, hash, text, now)
  }

  /** Wrong texts of keys that there are and texts of keys that there are not cost the same from here on. */
  async #askStore(id: string, hash: Buffer, text: string, now: number): Promise<Key> {
    if (!this.#sync.isFresh(id)) await this.#sync.ask(id)
    const key = this.#match(id, hash, text, now)
    if (!key) throw invalidCredential()
    return key
  }

  #match(id: string, hash: Buffer, text: string, now: number): Key | undefined {
    const entry = this.#table.get(id)
    const key = entry ? this.#table.key(entry) : NO_KEY
    const isCurrent = timingSafeEqual(hash, key.hash)
    const isPrevious = timingSafeEqual(hash, key.previousHash)
    const until = isCurrent ? key.until : isPrevious ? key.previousUntil : 0
    if (!(until > now)) return undefined
    this.#verified.set(text, { key, entry, until })
    return key
  }
}
