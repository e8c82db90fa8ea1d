/** What is kept in the store, and whose it is. */
import { GatewayError } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import { listOf, objectOf, textOf } from '@sluice/dialect-kit'
import type { Store } from '@sluice/store-kit'

const RESPONSES = 'responses'
const ORIGINS = 'response-origins'

/** A response and the conversation that led to it. All in the form of the Responses API. */
export interface ResponseRecord {
  owner: string
  /** As its client got it. */
  response: JsonObject
  /** All items before the answer, the oldest first; each has an id. */
  input: JsonObject[]
  /** Of a background response: milliseconds since the epoch after which nobody works on it any more. */
  deadline?: number
}

/** Milliseconds and bytes. */
export interface Bounds {
  ttl: number
  size: number
  timeout: number
}

/** Who made the response that has an id: ours to tell the caller, or not. */
export type Origin = { provider: string; visible: boolean }

/** All of it throws `overloaded` if the store fails or does not answer in time. */
export class Records {
  readonly #store: Store
  readonly #bounds: Bounds

  constructor(store: Store, bounds: Bounds) {
    this.#store = store
    this.#bounds = bounds
  }

  /** Undefined also for one that is not the principal's to see. */
  async response(id: string, principal: Principal): Promise<ResponseRecord | undefined> {
    const record = await this.read(id)
    return record?.owner === ownerOf(principal) ? record : undefined
  }

  /** Whoever's it is. */
  async read(id: string): Promise<ResponseRecord | undefined> {
    const value = await this.#inTime(() => this.#store.get(RESPONSES, id))
    const response = objectOf(value?.response)
    if (value === undefined || response === undefined) return undefined
    const { deadline } = value
    return {
      owner: textOf(value.owner) ?? '',
      response,
      input: listOf(value.input) as JsonObject[],
      ...(typeof deadline === 'number' && { deadline }),
    }
  }

  /** @returns false if it is too large to be kept */
  async keep(record: ResponseRecord): Promise<boolean> {
    if (Buffer.byteLength(JSON.stringify(record)) > this.#bounds.size) return false
    const { ttl } = this.#bounds
    await this.#inTime(() => this.#store.put(RESPONSES, String(record.response.id), { ...record }, { ttl }))
    return true
  }

  async remove(id: string): Promise<void> {
    await this.#inTime(() => this.#store.delete(RESPONSES, id))
  }

  /** Of a response that a provider keeps itself; undefined if it never passed here. */
  async origin(id: string, principal: Principal): Promise<Origin | undefined> {
    const value = await this.#inTime(() => this.#store.get(ORIGINS, id))
    const provider = textOf(value?.provider)
    return provider === undefined ? undefined : { provider, visible: value?.owner === ownerOf(principal) }
  }

  async keepOrigin(id: string, provider: string, principal: Principal): Promise<void> {
    const { ttl } = this.#bounds
    await this.#inTime(() => this.#store.put(ORIGINS, id, { provider, owner: ownerOf(principal) }, { ttl }))
  }

  async #inTime<T>(call: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(unavailable('did not answer in time')), this.#bounds.timeout)
    try {
      return await Promise.race([call(), late.promise])
    } catch (thrown) {
      throw GatewayError.is(thrown) ? thrown : unavailable('failed', thrown)
    } finally {
      clearTimeout(timer)
    }
  }
}

function unavailable(how: string, cause?: unknown): GatewayError {
  const message = `The store in which responses are kept ${how}. Send the request again.`
  return new GatewayError('overloaded', message, { retryAfter: 1, cause })
}

/** Who may see what a principal made: whoever uses the same key, or else is of its team. */
export function ownerOf({ key, team, id }: Principal): string {
  if (key !== undefined) return `key:${key}`
  return team === undefined ? `id:${id}` : `team:${team}`
}
