import assert from 'node:assert/strict'
import { GatewayError } from '@sluice/core'
import type { ErrorCode } from '@sluice/core'

/** How a call was refused, and after how many milliseconds. @throws AssertionError if it was not, or failed otherwise */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ time: number; code: ErrorCode; retryable: boolean }> {
  const start = performance.now()
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(GatewayError.is(error), `not refused, but ${String(error)}`)
  return { time: performance.now() - start, code: error.code, retryable: error.retryable }
}

/** Tries until it works. @returns milliseconds that it took @throws what it throws if it still does after a second */
export async function eventually(attempt: () => unknown): Promise<number> {
  for (const start = performance.now(); ;) {
    try {
      await attempt()
      return performance.now() - start
    } catch (error) {
      if (performance.now() > start + 1000) throw error
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
