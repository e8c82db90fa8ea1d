/** Whether two pieces of JSON are the same, order of keys included: what was decoded once is the same when it is decoded again. */
export function saysSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
