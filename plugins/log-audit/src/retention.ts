/** Forgets what is old, and leaves word of it in the chain, so that what is kept can be verified without it. */
import type { Logger } from '@sluice/core'
import type { Journal } from '@sluice/store-kit'
import { headOf, JOURNAL } from './row.ts'
import { PRUNE } from './verify.ts'
import type { Writer } from './writer.ts'

/** Milliseconds between two looks. */
const EVERY = 3_600_000

/**
 * Prunes now and then.
 * @param age milliseconds that rows are kept @returns what ends it
 */
export function keepFor(age: number, journal: Journal, writer: Writer, log: Logger): () => void {
  const look = (): void => {
    prune(Date.now() - age, journal, writer).then(
      (count) => count > 0 && log.info({ rows: count }, 'old rows of the audit trail are pruned'),
      (err: unknown) => log.warn({ err }, 'old rows of the audit trail could not be pruned'),
    )
  }
  const timer = setInterval(look, Math.min(EVERY, age)).unref()
  return () => clearInterval(timer)
}

/** Forgets the rows before a moment. @returns how many */
export async function prune(before: number, journal: Journal, writer: Pick<Writer, 'add'>): Promise<number> {
  const [last] = await journal.read(JOURNAL, { to: before }, { newestFirst: true, limit: 1 })
  if (!last) return 0
  const { sequence, hash } = headOf(last)
  const isTold = await writer.add({ action: PRUNE, actor: 'gateway', outcome: 'done', details: { sequence, hash } })
  // Without word of it, a later verification could not tell pruning from tampering.
  return isTold ? journal.prune(JOURNAL, before) : 0
}
