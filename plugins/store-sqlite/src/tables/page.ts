/** Records or rows that a page holds, if `limit` are asked for. */
export function pageSize(limit = 100): number {
  return Math.max(0, Math.min(limit, 1_000))
}
