import cluster from 'node:cluster'
import { describe } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { ChunkedCounters } from './chunked-counters.ts'
import type { Counters } from './counters.ts'
import type { RemoteCounters } from './remote-counters.ts'

interface Plugin {
  log: Logger
  onClose: (dispose: () => Promise<void>) => void
}

/** Counters that all processes of a gateway share, as one of them has them: in chunks if they are in another one. */
export function sharedCounters(counters: RemoteCounters, { log, onClose }: Plugin): Counters {
  if (!cluster.isWorker) return counters
  const chunked = new ChunkedCounters(counters, (error) =>
    log.warn({ reason: describe(error) }, 'the counters of all processes could not be told what was used'),
  )
  onClose(() => chunked.close())
  return chunked
}
