/** The gateway as it comes, with everything else that mounts routes, in front of one scripted upstream. */
import type { Dialect, Endpoint, GatewayConfig, GatewayInspection, JsonObject, PluginInstance } from '@sluice/core'
import type { SetupContext } from '@sluice/core'
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway, TestGatewayOptions, TestReply } from '@sluice/core/testing'
import { openai } from '@sluice/provider-openai'
import { explain } from '@sluice/route-explain'
import { passthrough } from '@sluice/route-passthrough'
import { realtime } from '@sluice/route-realtime'
import { resilience } from '@sluice/route-resilience'
import { rollouts } from '@sluice/route-rollout'
import { rules } from '@sluice/route-rules'
import { shadow } from '@sluice/route-shadow'
import { sealedSecrets } from '@sluice/secrets-store'
import defaultConfig from '../../../gateway.config.ts'

export const ADMIN_KEY = 'planted-admin-key-0123456789abcdef'
export const UPSTREAM_KEY = 'planted-upstream-key-0123456789abcdef'
export const MASTER_KEY = 'planted-master-key-0123456789abcdef'

/** A key as its creation was answered. */
export type Made = { id: string; key: string; revision: number } & JsonObject
/** An endpoint of a dialect. */
export type Mounted = Pick<Endpoint, 'method' | 'path' | 'operation'> & { dialect: string }

export interface House extends AsyncDisposable {
  gateway: TestGateway
  upstream: MockUpstream
  routes: GatewayInspection['routes']
  endpoints: readonly Mounted[]
  /** Calls with the admin key, or another one; '' for none. */
  call(method: string, path: string, body?: JsonObject, key?: string): Promise<TestReply>
  /** Makes a key. Without fields it is a client's. */
  make(fields?: JsonObject): Promise<Made>
}

export interface HouseOptions extends TestGatewayOptions {
  server?: GatewayConfig['server']
  models?: GatewayConfig['models']
  plugins?: readonly PluginInstance[]
  /** Plugins, by package, that are left out. */
  without?: readonly string[]
  /** Names of the environment. Default: only the admin key. */
  environment?: NodeJS.ProcessEnv
}

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const upstream = await mockUpstream()
  upstream.reply(json({}))
  const dialects: Dialect[] = []
  const gateway = await createTestGateway(houseConfig(upstream.url, options, dialects), {
    environment: { SLUICE_ADMIN_KEY: ADMIN_KEY, ...options.environment },
  })
  const call: House['call'] = (method, path, body, key = ADMIN_KEY) => {
    const headers: { [name: string]: string } = key === '' ? {} : { authorization: `Bearer ${key}` }
    return gateway.request(path, { method, headers, ...(body && { body }) })
  }
  return {
    gateway,
    upstream,
    call,
    routes: gateway.gateway.inspect().routes,
    endpoints: dialects.flatMap(({ name, endpoints }) =>
      endpoints.map(({ method, path, operation }) => ({ dialect: name, method, path, operation })),
    ),
    async make(fields = {}) {
      const reply = await call('POST', '/admin/v1/keys', { name: 'test', ...fields })
      if (reply.status !== 201) throw new Error(`no key was made: ${reply.status} ${reply.text}`)
      return reply.json() as Made
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await upstream.close()
    },
  }
}

/** @param dialects takes those that plugins add */
export function houseConfig(url: string, options: HouseOptions = {}, dialects: Dialect[] = []): GatewayConfig {
  const { server = {}, models = {}, plugins = [], without = [] } = options
  // Which other providers there are depends on whoever runs this.
  const isKept = ({ definition: { name } }: PluginInstance): boolean => !/^provider-(?!echo)/.test(name)
  const usual = [defaultConfig.plugins ?? []].flat(Infinity as 1).filter(Boolean) as PluginInstance[]
  const others = [
    passthrough(),
    realtime(),
    resilience(),
    rules(),
    rollouts(),
    shadow(),
    explain(),
    sealedSecrets({ masterKey: MASTER_KEY }),
  ].filter(({ definition }) => usual.every((plugin) => plugin.definition.name !== definition.name))
  const kept = [...usual.filter(isKept), ...others].filter(({ definition }) => !without.includes(definition.name))
  const all = [...kept, openai({ apiKey: UPSTREAM_KEY, baseUrl: `${url}/v1` }), ...plugins]
  return {
    ...defaultConfig,
    server: { logLevel: 'warn', ...server },
    models: { ...defaultConfig.models, ...models },
    plugins: all.map((plugin) => watched(plugin, dialects)),
  }
}

/** The plugin, with the dialects that it adds noted. */
function watched(plugin: PluginInstance, dialects: Dialect[]): PluginInstance {
  const { definition } = plugin
  const setup: typeof definition.setup = (context) => {
    const addDialect = (dialect: Dialect): void => {
      dialects.push(dialect)
      context.addDialect(dialect)
    }
    return definition.setup(
      Object.assign(Object.create(context) as SetupContext<never, never>, { addDialect }) as never,
    )
  }
  return { ...plugin, definition: { ...definition, setup } }
}
