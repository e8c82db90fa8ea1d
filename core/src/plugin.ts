/** The plugin contract: what a plugin declares, what it is handed, and how plugins meet through capabilities. */
import type { IncomingMessage } from 'node:http'
import type { RouterContext } from '@koa/router'
import type { Static, TObject, TSchema } from 'typebox'
import type { Dialect, ModelEntry } from './dialect.ts'
import type { Exchange } from './exchange.ts'
import type { Gateway } from './gateway.ts'
import type { PluginHooks } from './hooks.ts'
import type { Logger } from './logger.ts'
import type { JsonObject } from './model.ts'
import type { Provider, Target } from './provider.ts'
import type { Configured } from './reference.ts'

/** Version of this contract. A plugin made for another one is refused at boot. */
export const API_VERSION = 1

/** A service that plugins share, under a typed name. `plugins` are known to provide it; `type` is never set. */
export type Capability<T> = { readonly name: string; readonly plugins: readonly string[]; readonly type?: T }

export function capability<T>(name: string, options: { plugins?: readonly string[] } = {}): Capability<T> {
  return { name, plugins: options.plugins ?? [] }
}

/** Limits a plugin instance to some exchanges. All given conditions must hold; within a list, one. */
export interface When {
  /** As clients name them; `*` matches any run of characters. */
  models?: readonly string[]
  operations?: readonly string[]
  keys?: { ids?: readonly string[]; tags?: readonly string[]; teams?: readonly string[] }
  /** Header name → exact value, or true for "present". */
  headers?: { readonly [name: string]: string | true }
  predicate?: (exchange: Exchange) => boolean
}

/** Second argument of every factory. `id` is unique among all instances; default: the plugin's own. */
export type InstanceSettings = { id?: string; when?: When }

/** Config sections a plugin adds to models or keys, by name. */
export type Sections = { readonly [section: string]: TSchema }

/** The kernel has authenticated the caller and checked the permission. */
export type RouteHandler = (context: RouterContext, exchange: Exchange) => unknown
export type RouteMethod = 'get' | 'post' | 'put' | 'patch' | 'delete'
/**
 * `permission`: what the principal must hold; `public` lets everybody in, `authenticated` everybody with a
 * credential. `about`: an OpenAPI 3.1 operation object. */
export type RouteRules = { permission: string; about?: JsonObject }
/** Mounts operator routes on @koa/router patterns. */
export type PluginRouter = {
  readonly [Method in RouteMethod]: (path: string, rules: RouteRules, handler: RouteHandler) => void
}
/** For whoever starts the gateway, once: shown when it is ready. `apiKey` goes into the example request. */
export type Announcement = { text: string; apiKey?: string }

/** Models that a plugin makes. */
export interface ModelSource {
  /** The targets behind a name; undefined if it is none of its models. Throws GatewayError. */
  find(name: string, exchange: Exchange): readonly Target[] | undefined
  /** For model lists. Asked for each list, so that it may change. */
  list?(): readonly ModelEntry[]
}

/** What `setup` is handed. Registration works only while the gateway boots. */
export interface SetupContext<Options, Model extends Sections> {
  /** Of this instance. */
  id: string
  /** Absolute path of the folder in which plugins keep files (`server.data`). It may not be there yet. */
  data: string
  /** Validated, with defaults and references filled in. */
  options: Options
  hooks: PluginHooks
  log: Logger
  /** Usable once `ready` has run. */
  gateway: Gateway
  router: PluginRouter
  /** A capability listed in `requires`. */
  get: <T>(token: Capability<T>) => T
  /** One listed in `uses`, if some plugin provides it. */
  find: <T>(token: Capability<T>) => T | undefined
  /** Serves one listed in `provides`. */
  provide: <T>(token: Capability<T>, service: T) => void
  /** Looks at each request before it is known what for: may change its `url` and `headers`. */
  addRewrite: (rewrite: (request: IncomingMessage) => void) => void
  /** Adds models beside those of the config: aliases, virtual models. The config's own names win, then who came first. */
  addModels: (source: ModelSource) => void
  /** What stands behind a model's name, as if a client had sent it: nothing if undefined. Usable once `ready` runs. */
  findTargets: (model: string, exchange: Exchange) => readonly Target[] | undefined
  /**
   * Resolves references of a scheme listed in `resolves`, for plugins set up later. Rejects with what is wrong,
   * never with what was found. When a secret changes, call `gateway.refresh()`.
   */
  addSecrets: (scheme: string, read: (address: string) => Promise<string>) => void
  addDialect: (dialect: Dialect) => void
  /** Addressed by this instance's id. */
  addProvider: (provider: Provider) => void
  /** This plugin's sections in the config of `model` (as clients name it). */
  modelOptions: (model: string) => { readonly [K in keyof Model]?: Static<Model[K]> }
  announce: (announcement: Announcement) => void
  /** Runs when the generation is disposed of, in reverse order of registration. */
  onClose: (dispose: () => void | Promise<void>) => void
}

export interface PluginDefinition<S extends TObject = TObject, M extends Sections = Sections> {
  /** Package name without scope, e.g. `limit-rate`. */
  name: string
  version: string
  api: number
  /** Default instance id; the plugin's name if absent. */
  id?: string | ((options: Static<S>) => string)
  requires?: readonly Capability<unknown>[]
  provides?: readonly Capability<unknown>[]
  /** Used if present, and then set up before this plugin. */
  uses?: readonly Capability<unknown>[]
  /** Set if it counts on usage: upstreams are then asked for that of streams where they tell it only if asked. */
  countsUsage?: boolean
  /** Schemes of references that it resolves, e.g. `vault`. Whoever has such a reference is set up after it. */
  resolves?: readonly string[]
  /** A closed typebox object: types, validation, README table and forms come from it. */
  options?: S
  modelOptions?: M
  keyOptions?: Sections
  /** Taps hooks and registers what the plugin offers. 10 s at most. */
  setup(context: SetupContext<Static<S>, M>): void | Promise<void>
}

const PLUGIN = Symbol.for('sluice.plugin')

/** What a factory returns and `plugins: [...]` takes; options as the config gave them. */
export interface PluginInstance {
  readonly [PLUGIN]: true
  readonly definition: PluginDefinition
  readonly options: unknown
  readonly settings: InstanceSettings
}

/** The options may be left out if every one has a default. */
type FactoryArguments<S extends TObject> =
  Record<never, never> extends Static<S>
    ? [options?: Configured<Static<S>>, instance?: InstanceSettings]
    : [options: Configured<Static<S>>, instance?: InstanceSettings]

export interface PluginFactory<S extends TObject> {
  (...args: FactoryArguments<S>): PluginInstance
  readonly definition: PluginDefinition
}

/** Of a plugin without options. A name of its own keeps typebox out of such a plugin's published types. */
export interface NoOptions extends TObject {}

/** Makes the factory that a plugin package exports. */
export function definePlugin<S extends TObject = NoOptions, M extends Sections = Record<never, never>>(
  definition: PluginDefinition<S, M>,
): PluginFactory<S> {
  const known = definition as unknown as PluginDefinition
  const factory = (...[options, settings]: FactoryArguments<S>): PluginInstance => {
    return { [PLUGIN]: true, definition: known, options: options ?? {}, settings: settings ?? {} }
  }
  return Object.assign(factory, { definition: known })
}

/** True also for plugins made with another installed copy of this package. */
export function isPlugin(value: unknown): value is PluginInstance {
  return typeof value === 'object' && value !== null && PLUGIN in value
}
