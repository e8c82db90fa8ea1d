/** Fetches all that a request has at addresses, within the operator's limits. */
import { invalidRequest } from '@sluice/core'
import type { Part, Source } from '@sluice/core'
import type { AddressGuard } from './address.ts'
import { fetchBytes } from './fetch.ts'
import type { Budget } from './fetch.ts'
import { mediaTypeOf } from './media-type.ts'
import type { Addressed } from './parts.ts'
import { Refusal, refusalOf } from './refusal.ts'

/** `size` in bytes and `timeout` in milliseconds, both for a whole request. */
export interface Limits {
  isHost(url: URL): boolean
  isAllowed: AddressGuard
  size: number
  timeout: number
  parts: number
}

/** Fetched at once for one request. */
const PARALLEL = 4

export class Fetcher {
  readonly #limits: Limits

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /**
   * @param left aborted when nobody waits any more, with the GatewayError to throw
   * @throws GatewayError `invalid_request` for the first that cannot be had; the others are given up
   */
  async fetch(parts: readonly Addressed[], left: AbortSignal): Promise<Map<Part, Source>> {
    const { size, timeout } = this.#limits
    const most = this.#limits.parts
    if (parts.length > most) {
      throw invalidRequest(
        `The request has media at ${parts.length} addresses; at most ${most} are fetched.`,
        'messages',
      )
    }
    const urls = parts.map(({ source }) => this.#checked(source.url))
    const over = new AbortController()
    const timer = setTimeout(() => over.abort(new Refusal(`it took longer than ${timeout} ms`)), timeout)
    const signal = AbortSignal.any([left, over.signal])
    const budget: Budget = { left: size, size }
    const sources = new Map<Part, Source>()
    let next = 0
    const work = async (): Promise<void> => {
      for (let index = next++; index < parts.length; index = next++) {
        sources.set(parts[index]!, await this.#source(parts[index]!, urls[index]!, budget, signal))
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(PARALLEL, parts.length) }, work))
      return sources
    } catch (thrown) {
      throw left.aborted ? left.reason : thrown
    } finally {
      clearTimeout(timer)
      over.abort()
    }
  }

  async #source(part: Addressed, url: URL, budget: Budget, signal: AbortSignal): Promise<Source> {
    try {
      const { bytes, type } = await fetchBytes(url, this.#limits.isAllowed, budget, signal)
      return { kind: 'base64', mediaType: mediaTypeOf(part, type), data: bytes.toString('base64') }
    } catch (thrown) {
      const why = signal.aborted ? (signal.reason as unknown) : thrown
      throw refusalOf(url.href, why instanceof Refusal ? why.message : 'its server could not be reached, or broke off')
    }
  }

  #checked(address: string): URL {
    const url = URL.parse(address)
    if (!url) throw refusalOf(address, 'it is no valid address')
    if (url.username !== '' || url.password !== '') throw refusalOf(address, 'it has credentials in it')
    if (!this.#limits.isHost(url)) throw refusalOf(address, 'the gateway does not fetch from its host and port')
    return url
  }
}
