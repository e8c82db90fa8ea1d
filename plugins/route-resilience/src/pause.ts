import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Milliseconds to wait before a call again: any part, by chance, of a time that doubles (full jitter), so that clients
 * that failed together do not come back together.
 * @param retries that there were before
 */
export function backoff(limits: { base: number; longest: number }, retries: number, random: () => number): number {
  return random() * Math.min(limits.longest, limits.base * 2 ** retries)
}

/** Waits, or until there is no reason to wait any more. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}
