/** Characters that are looked at. */
const MOST = 16_384
const UNIT = 65_536

/**
 * How alike two texts are, from 0 to 1: the cosine of how often each run of three characters occurs in them. Case and
 * white space do not count, nor does what comes after 16 K characters. It is about words, not about what they mean: a
 * good answer in other words scores low. 1 for texts that are the same, also if both are empty.
 */
export function similarity(one: string, other: string): number {
  const [a, b] = [plain(one), plain(other)]
  if (a === b) return 1
  const [first, second] = [trigrams(a), trigrams(b)]
  let product = 0
  for (const [gram, count] of first) product += count * (second.get(gram) ?? 0)
  return product === 0 ? 0 : Math.min(1, product / Math.sqrt(squares(first) * squares(second)))
}

function plain(text: string): string {
  return text.slice(0, MOST).toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

/** By the three characters as one number. Blanks at both ends give short words runs of their own. */
function trigrams(text: string): Map<number, number> {
  const counts = new Map<number, number>()
  const padded = ` ${text} `
  for (let at = 0; at + 2 < padded.length; at++) {
    const gram = (padded.charCodeAt(at) * UNIT + padded.charCodeAt(at + 1)) * UNIT + padded.charCodeAt(at + 2)
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

function squares(counts: Map<number, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count * count
  return sum
}
