/** `sluice start`: serves a config, follows its changes, and stops without cutting anybody off. */
import { constants } from 'node:os'
import type { GatewayConfig } from '../config.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import { asGatewayError } from '../errors.ts'
import { ConfigSource } from './config-source.ts'
import { complain, say } from './report.ts'
import { watchFolders } from './watch.ts'
import { greeting } from './greeting.ts'

export type StartOptions = { config: string; host?: string; port?: number; watch?: true }

/**
 * Milliseconds after a signal to stop in which another one is the same: a terminal sends Ctrl-C to a whole
 * group of processes, and npm hands on to its child what that has already got.
 */
const ECHO = 500

/** Resolves when the gateway listens. The process then lives until it is told to stop. */
export async function start(options: StartOptions): Promise<void> {
  const source = new ConfigSource(options.config)
  const load = async (): Promise<GatewayConfig> => withAddress(await source.load(), options)
  const gateway = await createGateway(await load())
  stopOnSignal(gateway)
  const reload = oneAtATime(async () => {
    await apply(gateway, load)
    follow?.()
  })
  const look = (): void => {
    if (source.changed()) reload()
  }
  const follow = options.watch && watchFolders(() => source.folders, look)
  process.on('SIGHUP', reload)
  follow?.()

  const { url } = await gateway.listen()
  say(greeting(gateway, url))
}

function withAddress(config: GatewayConfig, { host, port }: StartOptions): GatewayConfig {
  return {
    ...config,
    server: { ...config.server, ...(host !== undefined && { host }), ...(port !== undefined && { port }) },
  }
}

/** Puts the config as it is now in force, or says why not; then the last good one stays. */
async function apply(gateway: Gateway, load: () => Promise<GatewayConfig>): Promise<void> {
  try {
    await gateway.reload(await load())
    gateway.log.info({ revision: gateway.revision }, 'the new config is in force')
  } catch (error) {
    complain(error)
    const { code, message, problems } = asGatewayError(error)
    const { revision, log } = gateway
    log.error(
      { revision, code, problems: problems.length > 0 ? problems : [message] },
      'the new config is refused; the last good one stays in force',
    )
  }
}

/** Never runs `task` twice at once; calls that come meanwhile are answered by one more run. */
function oneAtATime(task: () => Promise<void>): () => void {
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

/** Drains the gateway on the first signal, ends at once on a second one. */
function stopOnSignal(gateway: Gateway): void {
  let since: number | undefined
  const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (since !== undefined && performance.now() - since > ECHO) process.exit(128 + constants.signals[signal])
    if (since !== undefined) return
    since = performance.now()
    gateway.log.info({ signal }, 'draining; another signal ends it at once')
    gateway.close().then(
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
