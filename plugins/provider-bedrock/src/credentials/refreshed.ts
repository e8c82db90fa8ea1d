import type { Credentials, CredentialSource } from './credentials.ts'

/** New credentials are fetched this long before the old ones expire, in milliseconds. */
const EARLY = 5 * 60_000
/** After a refresh that failed, the next one is tried no sooner, in milliseconds. */
const PAUSE = 30_000

/**
 * Keeps what `fetch` gave until shortly before it expires. One fetch at a time, however many ask; while
 * the old credentials hold, nobody waits for it, or is told that it failed.
 * @param now milliseconds since the epoch
 */
export function refreshed(fetch: () => Promise<Credentials>, now = Date.now): CredentialSource {
  let held: Credentials | undefined
  let fetching: Promise<Credentials> | undefined
  let notBefore = 0

  const refresh = (): Promise<Credentials> => {
    fetching ??= fetch()
      .then((credentials) => (held = credentials))
      .finally(() => (fetching = undefined))
    return fetching
  }
  const refreshBeside = (): void => {
    notBefore = now() + PAUSE
    refresh().catch(() => undefined)
  }
  return () => {
    if (held === undefined) return refresh()
    const left = (held.expiresAt ?? Number.POSITIVE_INFINITY) - now()
    if (left <= 0) return refresh()
    if (left < EARLY && now() >= notBefore) refreshBeside()
    return Promise.resolve(held)
  }
}
