/** Many clients at once. */

/** Runs `work` for 0, 1, 2 … until `count` are done, `clients` of them at a time. @returns the results in that order */
export async function crowd<T>(clients: number, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const client = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return results
}

/** How often each came. */
export function tally(values: readonly unknown[]): { [value: string]: number } {
  const counts: { [value: string]: number } = {}
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
  return counts
}
