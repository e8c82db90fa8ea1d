/** What processes of one gateway tell each other: held by the primary, it keeps nothing. */
import type { ServiceContext } from '@sluice/core/cluster'

export interface Bus {
  /** To all that use the bus, the sender too. */
  send(message: unknown): void
}

/** @param _name tells buses apart */
export default function create(_name: { bus: string }, context: ServiceContext): Bus {
  return { send: (message) => context.publish(message) }
}
