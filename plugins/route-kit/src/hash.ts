/**
 * A number of 32 bits that looks like chance and is the same each time, in every process: FNV-1a over UTF-16, mixed so
 * that texts that hardly differ fall far apart.
 */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** That number as a point from 0 up to, but not, 1. */
export function pointOf(text: string, seed?: number): number {
  return (hashText(text, seed) >>> 0) / 2 ** 32
}

/** Two hashes as a number between 0 and 1, never one of them. */
export function hashPair(a: number, b: number): number {
  const high = mix(a ^ Math.imul(b, 0x9e3779b1))
  const low = mix(high ^ b)
  return ((high >>> 0) * 2 ** 21 + (low >>> 11) + 0.5) / 2 ** 53
}

/** Murmur3's last step: every bit of the input changes half of the output. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
