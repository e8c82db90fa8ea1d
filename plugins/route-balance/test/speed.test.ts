import { STRATEGIES } from '@sluice/route-kit'
import { expect, test } from 'vitest'
import { routing } from './bench/route.ts'

/** Microseconds of this thread's own time for a request. */
function cost(models: number, strategy: (typeof STRATEGIES)[number]): number {
  const route = routing(strategy, models)
  const run = (calls: number): number => {
    const begin = process.threadCpuUsage()
    for (let call = 0; call < calls; call++) route()
    const { user, system } = process.threadCpuUsage(begin)
    return (user + system) / calls
  }
  run(3000)
  return Math.min(run(3000), run(3000), run(3000))
}

// Far above what it takes, and far below what looking at all models would.
test.each(STRATEGIES)('"%s" takes microseconds, however many models there are', (strategy) => {
  expect(cost(1000, strategy)).toBeLessThan(60)
})
