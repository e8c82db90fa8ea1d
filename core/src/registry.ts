/** Sets plugins up, holds what they registered, and disposes of it in reverse order. */
import type { IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { parseTarget } from './config.ts'
import type { ConfiguredPlugin, ResolvedConfig } from './config.ts'
import type { Dialect } from './dialect.ts'
import { describe, GatewayError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Gateway } from './gateway.ts'
import { createHooks, eachHook, hooksFor } from './hooks.ts'
import { mask } from './logger.ts'
import type { Logger } from './logger.ts'
import { checkOptions, didYouMean } from './options.ts'
import { findProviders, setUpOrder } from './order.ts'
import type { Problem } from './order.ts'
import { API_VERSION } from './plugin.ts'
import type { Announcement, Capability, PluginRouter, RouteHandler, RouteMethod } from './plugin.ts'
import type { ModelSource, RouteRules, Sections, SetupContext } from './plugin.ts'
import type { Provider, Target } from './provider.ts'
import { compileWhen } from './when.ts'

/** Milliseconds a plugin's setup may take. */
const SETUP_LIMIT = 10_000
const METHODS: readonly RouteMethod[] = ['get', 'post', 'put', 'patch', 'delete']
const NO_OPTIONS = { type: 'object', properties: {}, additionalProperties: false }

export type PluginRoute = {
  plugin: string
  method: RouteMethod
  path: string
  rules: RouteRules
  handler: RouteHandler
}

/** Everything the configured plugins added. */
export class Registry {
  readonly hooks
  readonly dialects = new Map<string, Dialect>()
  /** By instance id. */
  readonly providers = new Map<string, Provider>()
  readonly models: ModelSource[] = []
  readonly rewrites: ((request: IncomingMessage) => void)[] = []
  readonly routes: PluginRoute[] = []
  readonly announcements: Announcement[] = []
  /** In set-up order. */
  readonly plugins: readonly ConfiguredPlugin[]
  /** Capability name → who serves it. */
  readonly capabilities
  readonly #config: ResolvedConfig
  readonly #gateway: Gateway
  readonly #log: Logger
  readonly #services = new Map<string, unknown>()
  /** By scheme. */
  readonly #secrets = new Map<string, (address: string) => Promise<string>>()
  readonly #disposers: { plugin: string; dispose: () => void | Promise<void> }[] = []

  /**
   * Checks everything, then sets up plugin after plugin. On any failure what was set up is disposed of.
   * @throws GatewayError listing every problem found
   */
  static async build(config: ResolvedConfig, gateway: Gateway, log: Logger): Promise<Registry> {
    const registry = new Registry(config, gateway, log)
    try {
      const problems: Problem[] = []
      for (const plugin of registry.plugins) problems.push(...(await registry.#setUp(plugin)))
      registry.#refuse(problems)
      registry.#refuse(registry.#checkTargets())
      for (const [, hook] of eachHook(registry.hooks)) hook.seal()
      return registry
    } catch (error) {
      await registry.dispose()
      throw error
    }
  }

  private constructor(config: ResolvedConfig, gateway: Gateway, log: Logger) {
    this.#config = config
    this.#gateway = gateway
    this.#log = log
    const problems: Problem[] = config.problems.map((text) => ({ code: 'config_invalid', text }))
    this.capabilities = findProviders(config.plugins, config.capabilities, problems)
    this.plugins = setUpOrder(config.plugins, this.capabilities, problems)
    this.#refuse([...problems, ...checkPlugins(config.plugins), ...checkSections(config)])
    this.hooks = createHooks({
      timeout: config.server.hookTimeout,
      report(error) {
        const { plugin, hook, cause = error } = error
        log.error({ plugin, hook, err: cause }, 'a plugin failed while observing')
      },
    })
  }

  #refuse(problems: readonly Problem[]): void {
    const [first] = problems
    if (!first) return
    const texts = [...new Set(problems.map(({ text }) => mask(text, this.#config.secrets)))]
    const code = problems.every((problem) => problem.code === first.code) ? first.code : 'config_invalid'
    const title = `The config has ${texts.length === 1 ? '1 problem' : `${texts.length} problems`}:`
    throw new GatewayError(code, [title, ...texts].join('\n  - '), { problems: texts })
  }

  async #setUp(plugin: ConfiguredPlugin): Promise<Problem[]> {
    const { id, definition } = plugin
    // Whoever should have provided what it needs has failed, and says why.
    if (definition.requires?.some(({ name }) => !this.#services.has(name))) return []
    const timer = Promise.withResolvers<never>()
    const fuse = setTimeout(
      () => timer.reject(new Error(`setup did not end within ${SETUP_LIMIT / 1000} s`)),
      SETUP_LIMIT,
    )
    try {
      await Promise.race([this.#resolve(plugin), timer.promise])
      await Promise.race([definition.setup(this.#contextFor(plugin) as never), timer.promise])
      const forgotten = (definition.provides ?? []).find(
        ({ name }) => this.capabilities.get(name) === plugin && !this.#services.has(name),
      )
      if (forgotten) throw new Error(`declares that it provides "${forgotten.name}" but did not`)
      return []
    } catch (thrown) {
      const code = GatewayError.is(thrown) ? thrown.code : 'config_invalid'
      return [{ code, text: `plugins[${id}]: ${describe(thrown).replace(/\.$/, '')}.` }]
    } finally {
      clearTimeout(fuse)
    }
  }

  async #resolve({ deferred }: ConfiguredPlugin): Promise<void> {
    for (const { path, reference, settle } of deferred) {
      const read = this.#secrets.get(reference.scheme)
      if (!read) continue // its plugin has failed, and says why
      const text = await read(reference.address).catch((error) => {
        throw new Error(`${path}: ${reference.address} cannot be read: ${describe(error)}`)
      })
      settle(text)
    }
  }

  #contextFor(plugin: ConfiguredPlugin): SetupContext<unknown, Sections> {
    const { id, order, definition, settings, options } = plugin
    const { requires = [], uses = [], provides = [], modelOptions = {} } = definition
    const declared = (token: Capability<unknown>, list: readonly Capability<unknown>[], where: string): unknown => {
      if (!list.some(({ name }) => name === token.name))
        throw new Error(`uses "${token.name}" without listing it under ${where}`)
      return this.#services.get(token.name)
    }
    return {
      id,
      data: resolve(this.#config.server.data),
      options,
      hooks: hooksFor({ id, order, when: compileWhen(settings.when) }, this.hooks),
      log: this.#log.child({ plugin: id }),
      gateway: this.#gateway,
      router: this.#routerFor(id),
      get: (token) => declared(token, requires, '`requires`') as never,
      find: (token) => declared(token, [...requires, ...uses], '`uses`') as never,
      provide: (token, service) => {
        declared(token, provides, '`provides`')
        if (this.capabilities.get(token.name) === plugin) this.#services.set(token.name, service)
      },
      addRewrite: (rewrite) => void this.rewrites.push(rewrite),
      addModels: (source) => void this.models.push(source),
      findTargets: (model, exchange) => this.findTargets(model, exchange),
      addSecrets: (scheme, read) => void this.#secrets.set(scheme, read),
      addDialect: (dialect) => void this.dialects.set(dialect.name, dialect),
      addProvider: (provider) => void this.providers.set(id, provider),
      modelOptions: (model) => {
        const sections = Object.entries(this.#config.models.get(model)?.sections ?? {})
        return Object.fromEntries(sections.filter(([section]) => section in modelOptions)) as never
      },
      announce: (announcement) => void this.announcements.push(announcement),
      onClose: (dispose) => void this.#disposers.push({ plugin: id, dispose }),
    }
  }

  /** Targets of the config or of a plugin, or the one that `provider/model` names; undefined if there are none. */
  findTargets(name: string, exchange: Exchange): readonly Target[] | undefined {
    const model = this.#config.models.get(name)
    if (model) return model.targets
    for (const source of this.models) {
      const found = source.find(name, exchange)
      if (found) return found
    }
    const target = parseTarget(name)
    return target.model && this.providers.has(target.provider) ? [target] : undefined
  }

  #routerFor(plugin: string): PluginRouter {
    const register = (method: RouteMethod) => (path: string, rules: RouteRules, handler: RouteHandler) => {
      if (!rules?.permission) throw new Error(`route ${path} declares no permission`)
      this.routes.push({ plugin, method, path, rules, handler })
    }
    return Object.fromEntries(METHODS.map((method) => [method, register(method)])) as PluginRouter
  }

  /** Every target's provider must be there, and every provider's dialect. */
  #checkTargets(): Problem[] {
    const ids = [...this.providers.keys()]
    const lost = [...this.#config.models.values()].flatMap(({ name, targets }) =>
      targets
        .filter(({ provider }) => !this.providers.has(provider))
        .map(({ provider, model }): Problem => ({
          code: 'config_invalid',
          text: `models[${name}]: target "${provider}/${model}" names no configured provider. Providers: ${ids.join(', ') || 'none'}.${didYouMean(provider, ids)}`,
        })),
    )
    const mute = [...this.providers].flatMap(([id, provider]): Problem[] => {
      if (provider.kind === 'local' || this.dialects.has(provider.dialect)) return []
      const text = `plugins[${id}]: speaks the dialect "${provider.dialect}", which no configured plugin adds. Add its dialect plugin.`
      return [{ code: 'capability_missing', text }]
    })
    return [...lost, ...mute]
  }

  async dispose(): Promise<void> {
    for (const { plugin, dispose } of this.#disposers.splice(0).reverse()) {
      try {
        await dispose()
      } catch (error) {
        this.#log.error({ plugin, err: error }, 'a plugin failed while closing')
      }
    }
  }
}

/** Identity and options of every plugin. */
function checkPlugins(plugins: readonly ConfiguredPlugin[]): Problem[] {
  return plugins.flatMap(({ id, definition: { name, api, options: schema }, options }, index) => {
    const at = `plugins[${id}]`
    const problems = checkOptions(schema ?? NO_OPTIONS, options, at).map((text): Problem => ({
      code: 'plugin_options',
      text,
    }))
    if (api !== API_VERSION) {
      problems.push({
        code: 'plugin_api',
        text: `${at}: ${name} is made for plugin API ${api}; this gateway has ${API_VERSION}.`,
      })
    }
    if (!/^[\w.-]+$/.test(id))
      problems.push({ code: 'config_invalid', text: `${at}: an id is made of letters, digits, ".", "_", "-".` })
    if (plugins.findIndex((other) => other.id === id) !== index) {
      const text = `${at}: two plugin instances have this id. Give one another: factory({ … }, { id: '${id}-2' }).`
      problems.push({ code: 'config_invalid', text })
    }
    return problems
  })
}

/** The sections that plugins add to models. */
function checkSections({ plugins, models }: ResolvedConfig): Problem[] {
  const schemas = new Map(plugins.flatMap(({ definition }) => Object.entries(definition.modelOptions ?? {})))
  const known = ['targets', ...schemas.keys()]
  const check = (model: string, section: string, value: unknown): string[] => {
    const at = `models[${model}].${section}`
    const schema = schemas.get(section)
    if (schema) return checkOptions(schema, value, at)
    return [`${at}: no configured plugin knows this. Allowed: ${known.join(', ')}.${didYouMean(section, known)}`]
  }
  return [...models.values()]
    .flatMap(({ name, sections }) =>
      Object.entries(sections).flatMap(([section, value]) => check(name, section, value)),
    )
    .map((text) => ({ code: 'config_invalid', text }))
}
