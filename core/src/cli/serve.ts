/** A process that serves by itself. */
import type { GatewayConfig } from '../config.ts'
import { asGatewayError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import type { ConfigSource } from './config-source.ts'
import { greeting } from './greeting.ts'
import { oneAtATime, stopOnSignal, watcher, withAddress } from './process.ts'
import type { StartOptions } from './process.ts'
import { complain, say } from './report.ts'

/** Resolves when it listens. */
export async function serve(source: ConfigSource, config: GatewayConfig, options: StartOptions): Promise<void> {
  const gateway = await createGateway(config)
  stopOnSignal(gateway.log, () => gateway.close())
  const reload = oneAtATime(async () => {
    await apply(gateway, source, options)
    follow()
  })
  const follow = watcher(source, reload, options)
  process.on('SIGHUP', reload)
  follow()
  const { url } = await gateway.listen()
  say(greeting(gateway, url))
}

/** Puts the config as it is now in force, or says why not; then the last good one stays. @returns whether it was refused */
export async function apply(gateway: Gateway, source: ConfigSource, options: StartOptions): Promise<boolean> {
  try {
    await gateway.reload(withAddress(await source.load(), options))
    gateway.log.info({ revision: gateway.revision }, 'the new config is in force')
    return false
  } catch (error) {
    complain(error)
    const { code, message, problems } = asGatewayError(error)
    const { revision, log } = gateway
    log.error(
      { revision, code, problems: problems.length > 0 ? problems : [message] },
      'the new config is refused; the last good one stays in force',
    )
    return true
  }
}
