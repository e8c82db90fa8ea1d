import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

interface Held {
  sockets: number
  heap: number
  resources: number
}
interface Report {
  early: Held
  late: Held
  aborted: { [outcome: string]: number }
  whole: number
  outcomes: { [outcome: string]: number }
}

test('5,000 aborted streams leave no socket, timer or growing heap, and 1,000 streams at once are held', async () => {
  const child = new URL('support/leak-child.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child])
  const { early, late, aborted, whole, outcomes } = JSON.parse(stdout) as Report
  expect(aborted).toEqual({ client_closed: 5_000 })
  expect([late.sockets, late.resources]).toEqual([0, early.resources])
  // Four thousand more streams may not cost even a kilobyte each.
  expect(late.heap - early.heap).toBeLessThan(2 * 1024 * 1024)
  expect(whole).toBe(1_000)
  expect(outcomes).toEqual({ client_closed: 5_000, ok: 1_000 })
}, 120_000)
