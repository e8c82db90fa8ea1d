import cluster from 'node:cluster'
import { extname } from 'node:path'
import { describe } from '@sluice/core'
import type { Sections, SetupContext } from '@sluice/core'
import { shareService } from '@sluice/core/cluster'
import { Gossip } from '@sluice/store-kit'
import type { Bus } from './bus.ts'
import { SYSTEM_CLOCK } from './clock.ts'
import { GossipLine } from './gossip-line.ts'
import type { GossipMessage } from './gossip-line.ts'

const BUS = new URL(`./bus${extname(import.meta.url)}`, import.meta.url)

export interface SharedStateOptions<T> {
  /** Whether what came from outside is such a value: anything may, as from another version of the plugin. */
  accepts: (value: unknown) => value is T
  /** What another process told. `peer` names it, the same one each time. */
  heard(key: string, value: T, peer: string): void
  /** What two values come to of which the first has not been told yet. Default: the later one. */
  combine?(earlier: T, later: T): T
}

/** What processes let each other know, by key. */
export interface SharedState<T> {
  /**
   * Tells all other processes of all replicas, once: at once or, at most every 500 ms, with whatever else waits.
   * So others know within 500 ms and the way there. What is lost on the way is not told again: tell what matters
   * anew now and then, and let what was heard grow old. Moments mean nothing to others: tell ages.
   */
  tell(key: string, value: T): void
}

type Context = Pick<SetupContext<unknown, Sections>, 'id' | 'gateway' | 'find' | 'log' | 'onClose'>

/**
 * Joins a plugin's instances in all processes: in workers of this gateway, and in other replicas where some plugin
 * provides `Gossip`, which the plugin must list under `uses`.
 * @param name of what is shared, within the plugin instance
 */
export async function sharedState<T>(
  context: Context,
  name: string,
  options: SharedStateOptions<T>,
): Promise<SharedState<T>> {
  const { id, log, onClose } = context
  const gossip = context.find(Gossip)
  // Nobody else is there to tell, or to be heard.
  if (!cluster.isWorker && !gossip) return { tell: () => undefined }

  const topic = `${id}/${name}`
  const bus = await shareService<Bus>(context, BUS, { bus: topic })
  const send = (message: GossipMessage<T>): void => {
    Promise.resolve(bus.service.send(message)).catch((error: unknown) =>
      log.debug({ reason: describe(error) }, 'other workers could not be told'),
    )
    gossip?.publish(topic, message)
  }
  const line = new GossipLine(options, bus.peer, send, SYSTEM_CLOCK)
  const receive = (message: unknown): void => {
    try {
      line.receive(message)
    } catch (error) {
      log.error({ err: error, topic }, 'what another process told could not be used')
    }
  }
  bus.onEvent(receive)
  const leave = gossip?.subscribe(topic, receive)
  onClose(() => {
    leave?.()
    line.close()
  })
  return line
}
