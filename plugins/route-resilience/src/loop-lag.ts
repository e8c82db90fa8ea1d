import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds between two looks at the loop, and between two reports. */
const RESOLUTION = 20
const INTERVAL = 500

/** Reports how late the event loop was (p99, in milliseconds), twice a second. @returns what ends it */
export function watchLoop(report: (lag: number) => void): () => void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  const timer = setInterval(() => {
    // What is measured is the whole time between two looks.
    report(Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION))
    delays.reset()
  }, INTERVAL).unref()
  return () => {
    clearInterval(timer)
    delays.disable()
  }
}
