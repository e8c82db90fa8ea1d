import type { Claim, CounterServer, End, Level, Reservation } from '@sluice/store-kit'
import type { RedisLink } from './link.ts'
import type { Script } from './script.ts'
import { READ, RENEW, RESERVE, SETTLE } from './scripts/index.ts'

/** Milliseconds for which the end of a lease is remembered: it may be told twice. */
const MEMORY = 300_000

/** Counters in Redis: every call is one script, which nothing comes between. */
export class RedisCounters implements CounterServer {
  readonly #link: RedisLink
  readonly #prefix: string
  /** Milliseconds. */
  readonly #life: string
  readonly #leases: string

  /** @param life milliseconds that a lease lives without being renewed */
  constructor(link: RedisLink, prefix: string, life: number) {
    this.#link = link
    this.#prefix = prefix
    this.#life = String(life)
    this.#leases = `${prefix}leases`
  }

  async reserve(lease: string, claims: readonly Claim[], force: boolean): Promise<Reservation | undefined> {
    const keys = claims.map(({ kind, key }) => this.#meter(kind, key))
    keys.push(`${this.#prefix}lease:${lease}`, this.#leases)
    const values = [this.#prefix, lease, this.#life, force ? '1' : '0', ...claims.flatMap(valuesOf)]
    const [short, retryAfter, ...levels] = await this.#run(RESERVE, keys, values)
    if (short === -1) return undefined
    return { granted: short === 0, levels: levelsOf(levels), short: short! - 1, retryAfter: retryAfter! }
  }

  async settle(ends: readonly End[]): Promise<void> {
    const keys: string[] = []
    const values = [this.#prefix, this.#life, String(MEMORY)]
    for (const { lease, claims, amounts, unknown, rest } of ends) {
      values.push(lease, unknown, rest?.lease ?? '', String(claims.length))
      for (const [i, claim] of claims.entries()) {
        keys.push(this.#meter(claim.kind, claim.key))
        values.push(...valuesOf(claim), String(amounts[i]), String(rest?.amounts[i] ?? 0))
      }
    }
    await this.#link.run(SETTLE, [...keys, this.#leases], values)
  }

  async read(claims: readonly Claim[]): Promise<Level[]> {
    const keys = claims.map((claim) => this.#meter(claim.kind, claim.key))
    return levelsOf(await this.#run(READ, keys, [this.#prefix, ...claims.flatMap(valuesOf)]))
  }

  async reset(key: string): Promise<void> {
    await this.#link.send(['DEL', ...KINDS.map((kind) => this.#meter(kind, key))])
  }

  async renew(leases: readonly string[]): Promise<readonly string[]> {
    return (await this.#link.run(RENEW, [this.#leases], [this.#prefix, this.#life, ...leases])) as string[]
  }

  #meter(kind: Claim['kind'], key: string): string {
    return `${this.#prefix}${kind}:${key}`
  }

  async #run(script: Script, keys: readonly string[], values: readonly string[]): Promise<number[]> {
    return ((await this.#link.run(script, keys, values)) as string[]).map(numberOf)
  }
}

const KINDS = ['bucket', 'window', 'slots'] as const

/** A claim as the scripts read it: kind, amount, limit, and the period or the end. */
function valuesOf(claim: Claim): string[] {
  const span = claim.kind === 'bucket' ? claim.period : claim.kind === 'window' ? claim.until : 0
  return [claim.kind[0]!, String(claim.amount), String(claim.limit), span === Infinity ? 'inf' : String(span)]
}

function levelsOf(numbers: readonly number[]): Level[] {
  const levels: Level[] = []
  for (let i = 0; i < numbers.length; i += 2) levels.push({ remaining: numbers[i]!, reset: numbers[i + 1]! })
  return levels
}

/** Lua's numbers come as texts: as Redis' own they would lose what is above 2^63, and Infinity. */
function numberOf(text: string): number {
  return text === 'inf' ? Infinity : Number(text)
}
