import type { Logger } from '@sluice/core'
import type { Journal } from '@sluice/store-kit'

const HOUR = 3_600_000

/** Forgets old rows: at once, and every hour until it is ended. @param ages milliseconds, by journal */
export function prune(journal: Journal, ages: { readonly [name: string]: number }, log: Logger): () => void {
  const run = async (): Promise<void> => {
    for (const [name, age] of Object.entries(ages)) await journal.prune(name, Date.now() - age)
  }
  const start = (): void => {
    run().catch((err: unknown) => log.warn({ err }, 'old rows could not be forgotten yet'))
  }
  start()
  const timer = setInterval(start, HOUR).unref()
  return () => clearInterval(timer)
}
