/** Holds services for the processes that use them. */
import type { Service, ServiceContext, ServiceModule } from './service.ts'

/** Which service: the address of its module, and what it is made of. */
export type ServiceRequest = { name: string; module: string; options: object }
type Publish = (event: unknown) => void
type Held = { service: Promise<Service>; users: Map<string, Publish>; lost: ((peer: string) => void)[] }

export class ServiceHost {
  readonly #held = new Map<string, Held>()

  /** @param publish takes the service's events for this peer */
  async use({ name, module, options }: ServiceRequest, peer: string, publish: Publish): Promise<Service> {
    const held = this.#held.get(name) ?? this.#make(name, module, options)
    held.users.set(peer, publish)
    try {
      return await held.service
    } catch (error) {
      held.users.delete(peer)
      if (held.users.size === 0) this.#held.delete(name)
      throw error
    }
  }

  #make(name: string, module: string, options: object): Held {
    const users = new Map<string, Publish>()
    const lost: Held['lost'] = []
    const context: ServiceContext = {
      publish: (event) => users.forEach((publish) => publish(event)),
      onPeerLost: (listener) => void lost.push(listener),
    }
    const service = import(module).then(({ default: create }: { default: ServiceModule<Service, object> }) =>
      create(options, context),
    )
    const held = { service, users, lost }
    this.#held.set(name, held)
    return held
  }

  /** The peer does not use the service any more; the last one closes it. */
  async leave(name: string, peer: string): Promise<void> {
    const held = this.#held.get(name)
    if (!held?.users.delete(peer)) return
    for (const listener of held.lost) listener(peer)
    if (held.users.size > 0) return
    this.#held.delete(name)
    await (await held.service).close?.()
  }
}
