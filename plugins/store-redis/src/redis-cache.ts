import type { Cache } from '@sluice/store-kit'
import type { RedisLink } from './link.ts'

/** Bytes in Redis, which forgets them when their time is up or it needs the room. */
export class RedisCache implements Cache {
  readonly #link: RedisLink
  readonly #prefix: string

  constructor(link: RedisLink, prefix: string) {
    this.#link = link
    this.#prefix = `${prefix}cache:`
  }

  async get(key: string): Promise<Buffer | undefined> {
    return (await this.#link.sendForBytes(['GET', this.#prefix + key])) ?? undefined
  }

  async set(key: string, value: Buffer, ttl: number): Promise<void> {
    if (ttl < 1) return this.delete(key)
    await this.#link.send(['SET', this.#prefix + key, value, 'PX', String(Math.floor(ttl))])
  }

  async delete(key: string): Promise<void> {
    await this.#link.send(['DEL', this.#prefix + key])
  }
}
