/** Times small operations in this process. */

const BATCHES = 9
const BATCH_MS = 30

/** Keeps results alive, so that the work is not optimised away. */
const sink: { value: unknown } = { value: undefined }

/** Nanoseconds per call of `operation`: the median of some batches, after a warm-up. */
export function nanoseconds(operation: () => unknown): number {
  const batch = (calls: number): number => {
    const begin = performance.now()
    for (let i = 0; i < calls; i++) sink.value = operation()
    return performance.now() - begin
  }
  let calls = 1
  while (batch(calls) < BATCH_MS) calls *= 2
  return median(Array.from({ length: BATCHES }, () => (batch(calls) / calls) * 1e6))
}

/** The same for an operation that has to be awaited. */
export async function nanosecondsAwaited(operation: () => Promise<unknown>): Promise<number> {
  const batch = async (calls: number): Promise<number> => {
    const begin = performance.now()
    for (let i = 0; i < calls; i++) sink.value = await operation()
    return performance.now() - begin
  }
  let calls = 1
  while ((await batch(calls)) < BATCH_MS) calls *= 2
  const times: number[] = []
  for (let i = 0; i < BATCHES; i++) times.push(((await batch(calls)) / calls) * 1e6)
  return median(times)
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? NaN
}
