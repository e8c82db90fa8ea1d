/** One of several processes that serve: it does as the primary says. */
import { isMessage } from '../cluster/messages.ts'
import type { FromPrimary } from '../cluster/messages.ts'
import { tell } from '../cluster/remote.ts'
import { createGateway } from '../gateway.ts'
import type { ConfigSource } from './config-source.ts'
import { greeting } from './greeting.ts'
import { oneAtATime, stopOnSignal, withAddress } from './process.ts'
import type { StartOptions } from './process.ts'
import { apply } from './serve.ts'

/** Resolves when it listens, and the primary knows. */
export async function work(source: ConfigSource, options: StartOptions): Promise<void> {
  process.on('SIGHUP', () => undefined) // the primary hands it on, one worker after the other
  process.on('message', stopEarly)
  const gateway = await createGateway(withAddress(await source.load(), options))
  process.off('message', stopEarly)
  stopOnSignal(gateway.log, () => gateway.close())
  const reload = oneAtATime(async () => tell({ sluice: 'reloaded', refused: await apply(gateway, source, options) }))
  process.on('message', (message) => {
    if (!isMessage(message)) return
    const { sluice } = message as FromPrimary
    if (sluice === 'reload') reload()
    if (sluice === 'stop') process.emit('SIGTERM')
  })
  const { url } = await gateway.listen()
  tell({ sluice: 'ready', greeting: greeting(gateway, url) })
}

/** Nothing is served yet that would have to end. */
function stopEarly(message: unknown): void {
  if (isMessage(message) && message.sluice === 'stop') process.exit(0)
}
