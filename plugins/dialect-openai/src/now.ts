/** The time in Unix seconds, for answers whose upstream gave none. */
export function now(): number {
  return Math.floor(Date.now() / 1000)
}
