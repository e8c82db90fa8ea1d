/**
 * Services that all worker processes of a gateway share: one instance, held by the primary process, which every
 * worker calls. With a single process it is simply there, and answers at once.
 */
import cluster from 'node:cluster'
import type { SetupContext } from '../plugin.ts'
import type { Sections } from '../plugin.ts'
import { remoteService } from './remote.ts'
import { ServiceHost } from './host.ts'
import type { Gateway } from '../gateway.ts'

/** What a service can be called for. Arguments and results are cloned on their way to another process. */
export type Service = object & { close?(): void | Promise<void> }

/** What a service is handed. */
export interface ServiceContext {
  /** Tells something to all processes that use the service, in order. */
  publish(event: unknown): void
  /** Runs when a process that used the service is gone. `peer` is what it called itself. */
  onPeerLost(listener: (peer: string) => void): void
}

/** Default export of a service's module. `options` are plain data. */
export type ServiceModule<T extends Service, Options> = (options: Options, context: ServiceContext) => T | Promise<T>

/** The service as a process sees it: every answer may be a promise. */
export type Shared<T extends Service> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R | Promise<Awaited<R>> : never
}

/** A use of a service by one process. */
export interface Use<T extends Service> {
  service: Shared<T>
  /** Names this process among those that use the service. */
  peer: string
  /** Events that were published since. */
  onEvent(listener: (event: unknown) => void): void
}

/** Services of gateways that have this process to themselves. */
const hosts = new WeakMap<Gateway, ServiceHost>()

/**
 * Uses the service that `module` makes of `options`; whoever names the same module and options gets the same one,
 * also after a reload. It ends when nobody uses it any more.
 * @param module address of an ES module whose default export is a `ServiceModule`: `new URL('./bank.ts', import.meta.url)`
 * @throws whatever making it throws
 */
export async function shareService<T extends Service>(
  { gateway, onClose }: Pick<SetupContext<unknown, Sections>, 'gateway' | 'onClose'>,
  module: URL,
  options: object,
): Promise<Use<T>> {
  const name = `${module.href} ${JSON.stringify(options)}`
  const request = { name, module: module.href, options }
  if (cluster.isWorker) return remoteService<T>(request, onClose)
  const host = hosts.get(gateway) ?? new ServiceHost()
  hosts.set(gateway, host)
  const listeners: ((event: unknown) => void)[] = []
  const peer = crypto.randomUUID()
  const service = await host.use(request, peer, (event) => listeners.forEach((listener) => listener(event)))
  onClose(() => host.leave(name, peer))
  return { service: service as Shared<T>, peer, onEvent: (listener) => void listeners.push(listener) }
}
