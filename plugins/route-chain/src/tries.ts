import { setTimeout as sleep } from 'node:timers/promises'
import { asGatewayError } from '@sluice/core'
import type { Question } from './chain.ts'

/** Seconds before the first further call; each next one waits twice as long. */
const PAUSE = 0.1
/** What asks for a longer pause is not called again. */
const LONGEST_PAUSE = 10

/**
 * Calls the step's model, again where that may help, and then the fallback's.
 * @throws what went wrong last, or the reason of `signal`
 */
export async function tried<T>(
  { model, retries, fallback }: Question,
  signal: AbortSignal,
  call: (model: string) => Promise<T>,
): Promise<T> {
  const models = fallback && 'model' in fallback ? [model, fallback.model] : [model]
  let failure: unknown
  for (const each of models) {
    for (let again = 0; again <= retries; again++) {
      try {
        return await call(each)
      } catch (thrown) {
        signal.throwIfAborted()
        failure = thrown
        const { retryable, retryAfter = PAUSE * 2 ** again } = asGatewayError(thrown)
        if (!retryable || again === retries || retryAfter > LONGEST_PAUSE) break
        await sleep(retryAfter * 1000, undefined, { signal })
      }
    }
  }
  throw failure
}
