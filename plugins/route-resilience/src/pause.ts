/**
 * Milliseconds to wait before a call again: any part, by chance, of a time that doubles (full jitter), so that clients
 * that failed together do not come back together.
 * @param retries that there were before
 */
export function backoff(limits: { base: number; longest: number }, retries: number, random: () => number): number {
  return random() * Math.min(limits.longest, limits.base * 2 ** retries)
}

/** Waits, or until there is no reason to wait any more. Leaves nothing behind. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
