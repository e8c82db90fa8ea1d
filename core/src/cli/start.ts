/** `sluice start`: one process that serves, or a primary process that has several workers do so. */
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import { serverOf } from '../config.ts'
import type { ServerSettings } from '../config.ts'
import { createLogger } from '../logger.ts'
import { Workers } from '../cluster/workers.ts'
import { ConfigSource } from './config-source.ts'
import { say } from './report.ts'
import { oneAtATime, stopOnSignal, watcher, withAddress } from './process.ts'
import type { StartOptions } from './process.ts'
import { serve } from './serve.ts'
import { work } from './work.ts'

/** Resolves when the gateway listens. The process then lives until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  const source = new ConfigSource(options.config)
  if (cluster.isWorker) return work(source, options)
  const config = withAddress(await source.load(), options)
  const server = serverOf(config)
  const count = server.workers === 'auto' ? availableParallelism() : server.workers
  return count === 1 ? serve(source, config, options) : lead(source, server, count, options)
}

/** The primary process serves nothing itself. */
async function lead(
  source: ConfigSource,
  { logLevel }: ServerSettings,
  count: number,
  options: StartOptions,
): Promise<void> {
  const log = createLogger(logLevel, new Set())
  const workers = new Workers(count, log)
  stopOnSignal(log, () => workers.stop())
  const reload = oneAtATime(async () => {
    await source.load().catch(() => undefined) // which files to watch; the workers say what is wrong with it
    await workers.reload()
    follow()
  })
  const follow = watcher(source, reload, options)
  process.on('SIGHUP', reload)
  let greeting: string
  try {
    greeting = await workers.start()
  } catch {
    process.exit(1) // the worker has said why
  }
  follow()
  say(greeting)
}
