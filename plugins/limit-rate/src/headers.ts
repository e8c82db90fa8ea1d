/**
 * What clients are told of their limits: `x-ratelimit-*` as OpenAI writes them, and the fields `RateLimit` and
 * `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
 */
import type { Reply } from '@sluice/core'
import type { Level } from '@sluice/store-kit'
import type { Count } from './count.ts'

type Tight = { count: Count; level: Level }

/** Of each kind, the limit that has least left; of a request that was refused, the one that refused it. */
export class Standing {
  #requests: Tight | undefined
  #tokens: Tight | undefined
  #slots: Tight | undefined
  #refused: Tight | undefined
  #isHopeless = false

  /** The claims were granted, perhaps after others were refused. */
  note(counts: readonly Count[], levels: readonly Level[]): void {
    this.#refused = undefined
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!
      const level = levels[i]!
      if (count.unit === 'requests') this.#requests = tighter(this.#requests, count, level)
      else if (count.unit === 'concurrency') this.#slots = tighter(this.#slots, count, level)
      else this.#tokens = tighter(this.#tokens, count, level)
    }
  }

  /** @param isHopeless the request can never be let in */
  refusedBy(count: Count, level: Level, isHopeless: boolean): void {
    this.#refused = { count, level }
    this.#isHopeless = isHopeless
  }

  /** Replaces what an upstream says of limits of the operator's. */
  write({ headers }: Reply): void {
    if (this.#refused) return this.#writeRefusal(headers, this.#refused)
    write(headers, this.#requests, NAMES.requests)
    write(headers, this.#tokens, NAMES.tokens)
    let policies = ''
    let states = ''
    for (const tight of [this.#requests, this.#tokens, this.#slots]) {
      if (!tight) continue
      const comma = policies === '' ? '' : ', '
      policies += comma + tight.count.policy
      states += comma + stateOf(tight)
    }
    headers['ratelimit-policy'] = policies
    headers['ratelimit'] = states
  }

  #writeRefusal(headers: Reply['headers'], refused: Tight): void {
    const { unit, policy } = refused.count
    if (unit !== 'concurrency') write(headers, refused, unit === 'requests' ? NAMES.requests : NAMES.tokens)
    headers['ratelimit-policy'] = policy
    headers['ratelimit'] = stateOf(refused)
    // SDKs try a 429 again unless they are told that it is no use.
    if (this.#isHopeless) headers['x-should-retry'] = 'false'
  }
}

function stateOf({ count, level }: Tight): string {
  const reset = count.period === 0 ? '' : `;t=${Math.ceil(level.reset / 1000)}`
  return `${count.label};r=${level.remaining}${reset}`
}

const namesOf = (what: string) => ({
  limit: `x-ratelimit-limit-${what}`,
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
})
const NAMES = { requests: namesOf('requests'), tokens: namesOf('tokens') }

function tighter(known: Tight | undefined, count: Count, level: Level): Tight {
  return known && known.level.remaining <= level.remaining ? known : { count, level }
}

function write(headers: Reply['headers'], tight: Tight | undefined, names: ReturnType<typeof namesOf>): void {
  if (!tight) {
    delete headers[names.limit]
    delete headers[names.remaining]
    delete headers[names.reset]
    return
  }
  headers[names.limit] = String(tight.count.limit)
  headers[names.remaining] = String(tight.level.remaining)
  headers[names.reset] = goDuration(tight.level.reset)
}

/** Milliseconds as OpenAI writes them: `6ms`, `1.5s`, `23m16.298s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const seconds = Math.floor(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = `${(ms - (seconds - (seconds % 60)) * 1000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
