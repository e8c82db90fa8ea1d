/** A gateway in front of scripted upstreams, and what its plugins saw. */
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin } from '@sluice/core'
import type { Exchange, GatewayConfig, PluginHooks, PluginInstance, StreamPart } from '@sluice/core'
import { createTestGateway, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { OPENAI, WIRES } from './wires.ts'
import type { Wire } from './wires.ts'

/** Waits until `condition` holds; how long that may take is the test's own limit. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}

/** A plugin that is nothing but taps. */
export function tapping(name: string, tap: (hooks: PluginHooks) => void): PluginInstance {
  return definePlugin({ name, version: '1.0.0', api: 1, setup: ({ hooks }) => tap(hooks) })()
}

/** Every exchange that is over, in the order of their ends. */
export class Ends {
  readonly all: Exchange[] = []
  readonly plugin: PluginInstance
  readonly #events = new EventEmitter()

  constructor() {
    this.plugin = tapping('ends', (hooks) => {
      hooks.onComplete.tap({ name: 'note', stage: 'last' }, (exchange) => {
        this.all.push(exchange)
        this.#events.emit('end')
      })
    })
  }

  /** The exchange that ends as number `index`, from 0. */
  async at(index: number): Promise<Exchange> {
    while (this.all.length <= index) await once(this.#events, 'end')
    return this.all[index] as Exchange
  }
}

/** Collects the parts of streams, which makes their path the observed one. */
export function observer(parts: StreamPart[] = []): PluginInstance {
  return tapping('observer', (hooks) => hooks.onStreamPart.tap('collect', (part) => void parts.push(part)))
}

export interface SettingOptions {
  /** What the upstreams speak. Default: OpenAI's. */
  wire?: Wire
  /** Targets of the model `m`, each an upstream of its own. Default 1. */
  targets?: number
  /** Of the first target. */
  timeouts?: Parameters<Wire['provider']>[2]
  /** Where the first target is, in place of its upstream. */
  url?: string
  server?: GatewayConfig['server']
  plugins?: readonly PluginInstance[]
}

export interface Setting {
  gateway: TestGateway
  /** What the upstreams speak. */
  wire: Wire
  /** The upstream of the first target. */
  upstream: MockUpstream
  upstreams: readonly MockUpstream[]
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Both dialects, and the model `m` with as many upstreams as wanted. */
export async function setUp(options: SettingOptions = {}): Promise<Setting> {
  const { wire = OPENAI, targets = 1, timeouts = {}, server = {}, plugins = [] } = options
  const urlOf = ({ url }: MockUpstream, index: number): string => (index === 0 ? (options.url ?? url) : url)
  const upstreams = await Promise.all(Array.from({ length: targets }, () => mockUpstream()))
  const gateway = await createTestGateway({
    server,
    models: { m: { targets: upstreams.map((_, index) => `up${index}/up-1`) } },
    plugins: [
      ...WIRES.map(({ plugin }) => plugin()),
      ...upstreams.map((upstream, index) =>
        wire.provider(`up${index}`, urlOf(upstream, index), index === 0 ? timeouts : {}),
      ),
      ...plugins,
    ],
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await Promise.all(upstreams.map((upstream) => upstream.close()))
  }
  return { gateway, wire, upstreams, upstream: upstreams[0]!, [Symbol.asyncDispose]: close }
}
