/** A source of chance that does the same each time: numbers from 0 up to, but not, 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws a number. */
export type Distribution = (random: () => number) => number

export const always =
  (value: number): Distribution =>
  () =>
    value

export const between =
  (least: number, most: number): Distribution =>
  (random) =>
    least + random() * (most - least)

/** As the answers of models are: most are near the median, a few take much longer. */
export const logNormal =
  (median: number, sigma: number): Distribution =>
  (random) =>
    median * Math.exp(sigma * normal(random))

export const exponential =
  (mean: number): Distribution =>
  (random) =>
    -mean * Math.log(1 - random())

/** Box–Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
