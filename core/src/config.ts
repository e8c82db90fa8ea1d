/** What an operator writes, and what the kernel makes of it: checked, with defaults, references filled in. */
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { GatewayError } from './errors.ts'
import { checkOptions, didYouMean } from './options.ts'
import { isPlugin } from './plugin.ts'
import type { InstanceSettings, PluginDefinition, PluginInstance } from './plugin.ts'
import type { Target } from './provider.ts'
import { resolveReferences } from './reference.ts'
import type { Configured, Deferred, Findings } from './reference.ts'
import { bytes, Duration, milliseconds, Size } from './units.ts'

const closed = { additionalProperties: false }
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const TlsSchema = Type.Object(
  {
    cert: Type.String({ description: 'Certificate chain: PEM text, or the file with it.' }),
    key: Type.String({ description: 'Its private key: PEM text, or the file with it.' }),
    ca: Type.Optional(
      Type.String({ description: 'Who signs certificates of clients: PEM text, or the file with it.' }),
    ),
    requestCert: Type.Optional(Type.Boolean({ description: 'Whether clients are asked for a certificate.' })),
  },
  { ...closed, description: 'Serve HTTPS. Renewed on reload.' },
)
const ServerSchema = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1', description: 'Address to listen on.' }),
    port: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535, description: 'Port; 0 takes a free one.' }),
    bodyLimit: Size('Largest request body, after decompression.', '32mb'),
    bodyTimeout: Duration('Time a client has to send its body.', '30s'),
    drainTimeout: Duration('Time that exchanges in flight have to end when the gateway stops.', '10s'),
    hookTimeout: Duration('Time an asynchronous tap may take.', '30s'),
    heartbeat: Duration('Silence on a stream after which a comment keeps the connection open.', '15s'),
    logLevel: Type.Enum([...LEVELS], { default: 'info', description: 'Lowest level that is logged.' }),
    strictParams: Type.Boolean({
      default: false,
      description: 'Refuse a request if its target cannot take a parameter of it.',
    }),
    data: Type.String({ default: '.sluice', minLength: 1, description: 'Folder in which plugins keep files.' }),
    workers: Type.Union([Type.Integer({ minimum: 1, maximum: 256 }), Type.Enum(['auto'])], {
      default: 1,
      description: 'Processes that `sluice start` serves with; `auto`: one a processor.',
    }),
    tls: Type.Optional(TlsSchema),
  },
  closed,
)
const AboutSchema = Type.Object(
  {
    contextWindow: Type.Optional(Type.Integer({ minimum: 1, description: 'Tokens of input and output together.' })),
    maxOutputTokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Tokens of one answer at most.' })),
    inputPrice: Type.Optional(Type.Number({ minimum: 0, description: 'US dollars for a million tokens of input.' })),
    outputPrice: Type.Optional(Type.Number({ minimum: 0, description: 'US dollars for a million tokens of output.' })),
    capabilities: Type.Optional(Type.Array(Type.String(), { description: 'What it can do, e.g. `vision`, `tools`.' })),
  },
  closed,
)
/** What is known of a model, for model lists. */
export type ModelAbout = Static<typeof AboutSchema>

const TraitsSchema = Type.Object({
  weight: Type.Optional(Type.Number({ minimum: 0, description: 'Its share, beside those of the others.' })),
  priority: Type.Optional(Type.Integer({ minimum: 0, description: 'Group it belongs to; lower ones come first.' })),
  region: Type.Optional(Type.String({ description: 'Where it runs, e.g. `eu-west-1`.' })),
  tags: Type.Optional(Type.Array(Type.String(), { description: 'Words to choose by, e.g. `no-training`.' })),
  requests: Type.Optional(Type.Integer({ minimum: 1, description: 'Requests a minute that its provider allows.' })),
  tokens: Type.Optional(Type.Integer({ minimum: 1, description: 'Tokens a minute that its provider allows.' })),
  about: Type.Optional(AboutSchema),
})
/** A target as configs write it, with its traits. */
export const TargetSchema = Type.Object(
  { target: Type.String({ pattern: '^[^/]+/.+$', description: '`provider/model`' }), ...TraitsSchema.properties },
  closed,
)
/** What is set for one target, beside what it is. */
export type TargetTraits = Static<typeof TraitsSchema>

type ModelOptions = {
  targets: readonly (string | Static<typeof TargetSchema>)[]
  about?: ModelAbout
  [section: string]: unknown
}
/** Nested lists and falsy entries are allowed. */
export type PluginList = readonly (PluginInstance | PluginList | false | null | undefined | '' | 0)[]

/** What `gateway.config.ts` exports. */
export interface GatewayConfig {
  server?: Partial<Configured<Static<typeof ServerSchema>>>
  /** Model name → its target, or its targets and the sections that plugins add. */
  models?: { readonly [name: string]: string | ModelOptions }
  plugins?: PluginList
  /** Capability name → id of the plugin instance to use, where several provide it. */
  capabilities?: { readonly [name: string]: string }
}

/** Types the config; returns it unchanged. */
export function defineConfig(config: GatewayConfig): GatewayConfig {
  return config
}

type Measured = 'bodyLimit' | 'bodyTimeout' | 'drainTimeout' | 'hookTimeout' | 'heartbeat'
/** Durations in milliseconds, sizes in bytes. */
export type ServerSettings = Omit<Static<typeof ServerSchema>, Measured | 'logLevel'> & {
  [Name in Measured]: number
} & {
  logLevel: (typeof LEVELS)[number]
}
export interface ModelSettings {
  name: string
  targets: readonly Target[]
  about: ModelAbout
  sections: { [section: string]: unknown }
}
/** A plugin instance with its place in the config; `options` resolved, but checked only by the registry. */
export type ConfiguredPlugin = {
  id: string
  order: number
  definition: PluginDefinition
  settings: InstanceSettings
  given: unknown
  options: unknown
  /** Which of its options other plugins have to find before it is set up. */
  deferred: readonly Deferred[]
}

/** A config of the right shape; `problems` says what is wrong so far, `secrets` what must never be printed. */
export interface ResolvedConfig {
  server: ServerSettings
  models: ReadonlyMap<string, ModelSettings>
  plugins: readonly ConfiguredPlugin[]
  capabilities: { readonly [name: string]: string }
  secrets: Set<string>
  /** Files with secrets, and what was read. */
  files: Map<string, string>
  problems: string[]
}

const SECTIONS = ['server', 'models', 'plugins', 'capabilities']
/** No control characters, `..`, `%` or backslashes: names end up in URLs and headers. */
const MODEL_NAME = /^(?!.*\.\.)[\w@][\w@ .:/+~,=()[\]-]{0,255}$/

export function isModelName(name: string): boolean {
  return MODEL_NAME.test(name)
}

/**
 * @param secrets takes what must never be printed, also what plugins resolve later
 * @throws GatewayError `config_invalid` only if it is no config at all; other problems are listed in the result
 */
export function resolveConfig(
  config: GatewayConfig,
  environment = process.env,
  secrets: Set<string> = new Set(),
): ResolvedConfig {
  if (typeof config !== 'object' || config === null) {
    throw new GatewayError('config_invalid', 'The config must be an object: export default defineConfig({ … }).')
  }
  const found: Findings = { environment, secrets, problems: [], files: new Map(), deferred: [] }
  const { problems, files } = found
  for (const key of Object.keys(config).filter((name) => !SECTIONS.includes(name))) {
    problems.push(`${key}: unknown section. Allowed: ${SECTIONS.join(', ')}.${didYouMean(key, SECTIONS)}`)
  }
  const server = resolveServer(config, found)
  const entries = [config.plugins ?? []].flat(Infinity as 1) as unknown[]
  const plugins = entries.flatMap((entry, order): ConfiguredPlugin[] => {
    if (!entry) return []
    if (!isPlugin(entry)) {
      const cure = typeof entry === 'function' ? ' It is a factory: call it.' : ''
      problems.push(`plugins[${order}]: must be a plugin, not ${typeof entry}.${cure}`)
      return []
    }
    const { definition, settings, options: given } = entry
    const path = `plugins[${settings.id ?? definition.name}]`
    const deferred: Deferred[] = []
    const options = resolveReferences(given, path, { ...found, deferred })
    return [{ id: instanceId(entry, options), order, definition, settings, given, options, deferred }]
  })
  const models = resolveModels(config.models ?? {}, problems)
  return { server, models, plugins, capabilities: config.capabilities ?? {}, secrets, files, problems }
}

function resolveServer(config: GatewayConfig, found: Findings): ServerSettings {
  const server = resolveReferences(config.server ?? {}, 'server', found)
  found.problems.push(...checkOptions(ServerSchema, server, 'server'))
  for (const { path } of found.deferred) found.problems.push(`${path}: takes only env: and file: references.`)
  return serverSettings(server)
}

/** The server section alone, for whoever must know it before the rest. Its problems are told by `resolveConfig`. */
export function serverOf(config: GatewayConfig, environment = process.env): ServerSettings {
  return resolveServer(config, { environment, secrets: new Set(), problems: [], files: new Map(), deferred: [] })
}

function serverSettings(server: unknown): ServerSettings {
  const { bodyLimit, bodyTimeout, drainTimeout, hookTimeout, heartbeat, ...rest } = server as Static<
    typeof ServerSchema
  >
  const [body, drain, hook, beat] = [bodyTimeout, drainTimeout, hookTimeout, heartbeat].map(milliseconds) as [
    number,
    number,
    number,
    number,
  ]
  const logLevel = LEVELS.find((level) => level === rest.logLevel) ?? 'info'
  return {
    ...rest,
    logLevel,
    bodyLimit: bytes(bodyLimit),
    bodyTimeout: body,
    drainTimeout: drain,
    hookTimeout: hook,
    heartbeat: beat,
  }
}

function resolveModels(models: NonNullable<GatewayConfig['models']>, problems: string[]): Map<string, ModelSettings> {
  const resolved = new Map<string, ModelSettings>()
  for (const [name, value] of Object.entries(models)) {
    const at = `models[${name}]`
    const settings: ModelOptions = typeof value === 'string' ? { targets: [value] } : (value ?? { targets: [] })
    const { targets, about = {}, ...sections } = settings
    const list = [targets ?? []]
      .flat()
      .map((entry) => (typeof entry === 'string' ? { target: entry } : (entry ?? { target: '' })))
    if (!isModelName(name)) problems.push(`${at}: has characters that no model name may have.`)
    if (list.length === 0) problems.push(`${at}.targets: must name at least one target, written "provider/model".`)
    problems.push(...list.flatMap((entry, index) => checkOptions(TargetSchema, entry, `${at}.targets[${index}]`)))
    problems.push(...checkOptions(AboutSchema, about, `${at}.about`))
    resolved.set(name, {
      name,
      about,
      targets: list.map(({ target, ...rest }) => ({ ...parseTarget(String(target)), ...rest })),
      sections,
    })
  }
  return resolved
}

/** Splits `provider/model` at its first slash; without one, the provider is ''. */
export function parseTarget(text: string): Target {
  const slash = text.indexOf('/')
  return { provider: text.slice(0, Math.max(0, slash)), model: text.slice(slash + 1) }
}

function instanceId({ definition, settings }: PluginInstance, options: unknown): string {
  if (settings.id !== undefined) return settings.id
  if (typeof definition.id !== 'function') return definition.id ?? definition.name
  try {
    return definition.id(options as never) ?? definition.name
  } catch {
    // Unchecked options may make the plugin's function stumble; its name will do until they are reported.
    return definition.name
  }
}
