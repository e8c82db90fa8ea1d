/** What processes that serve and their primary have in common: signals, reloads, options. */
import { constants } from 'node:os'
import type { GatewayConfig } from '../config.ts'
import type { Logger } from '../logger.ts'
import type { ConfigSource } from './config-source.ts'
import { complain } from './report.ts'
import { watchFolders } from './watch.ts'

export type StartOptions = { config: string; host?: string; port?: number; watch?: true }

/**
 * Milliseconds after a signal to stop in which another one is the same: a terminal sends Ctrl-C to a whole
 * group of processes, and npm hands on to its child what that has already got.
 */
const ECHO = 500

export function withAddress(config: GatewayConfig, { host, port }: StartOptions): GatewayConfig {
  return {
    ...config,
    server: { ...config.server, ...(host !== undefined && { host }), ...(port !== undefined && { port }) },
  }
}

/**
 * Calls `reload` when a file of the config has another content, if that is wanted.
 * @returns starts it; to be called again when the config may be in other folders
 */
export function watcher(source: ConfigSource, reload: () => void, { watch }: StartOptions): () => void {
  if (!watch) return () => undefined
  const look = (): void => {
    if (source.changed()) reload()
  }
  return watchFolders(() => source.folders, look)
}

/** Never runs `task` twice at once; calls that come meanwhile are answered by one more run. */
export function oneAtATime(task: () => Promise<void>): () => void {
  let running: Promise<void> | undefined
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      await task()
    } while (again)
    running = undefined
  }
  return () => {
    again = true
    running ??= run()
  }
}

/** Drains on the first signal, ends at once on a second one. */
export function stopOnSignal(log: Logger, close: () => Promise<void>): void {
  let since: number | undefined
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (since !== undefined && performance.now() - since > ECHO) process.exit(128 + constants.signals[signal])
    if (since !== undefined) return
    since = performance.now()
    log.info({ signal }, 'draining; another signal ends it at once')
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
