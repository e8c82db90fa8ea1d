/** Claims, and what is left of them. */
import type { Claim, Counters, Level } from '../counters.ts'

type Of<K extends Claim['kind']> = Extract<Claim, { kind: K }>
type Terms<K extends Claim['kind']> = Partial<Omit<Of<K>, 'kind' | 'amount'>>

export const bucket = (amount: number, terms: Terms<'bucket'> = {}): Of<'bucket'> => {
  return { kind: 'bucket', key: 'a bucket', limit: 10, period: 1000, ...terms, amount }
}
export const window = (amount: number, terms: Terms<'window'> = {}): Of<'window'> => {
  return { kind: 'window', key: 'a window', limit: 10, until: Infinity, ...terms, amount }
}
export const slots = (amount: number, terms: Terms<'slots'> = {}): Of<'slots'> => {
  return { kind: 'slots', key: 'some slots', limit: 10, ...terms, amount }
}

export const amountsOf = (levels: readonly Level[]): number[] => levels.map((level) => level.remaining)

export async function remaining(counters: Counters, claim: Claim): Promise<number> {
  const [level] = await counters.read([claim])
  return level!.remaining
}
