/** The config file: imported as it is, again and again. */
import { hash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { registerHooks } from 'node:module'
import type { ResolveHookContext, ResolveFnOutput } from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { GatewayConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'
import { explainImport, explainMissing, shown } from './explain-import.ts'

/** Where the CLI looks if no config is named. */
export const DEFAULT_CONFIG = 'gateway.config.ts'

/** Loads a config anew each time, with every file that it imports by a relative path from under its own directory. */
export class ConfigSource {
  /** Absolute, as named by the operator: it may be a symbolic link. */
  readonly path: string
  /** What the last load read, also if it failed half-way: real path, and digest of the content. */
  #files = new Map<string, string>()
  #generation = 0

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** @throws GatewayError `config_invalid` that says where the mistake is and what to do */
  async load(): Promise<GatewayConfig> {
    this.#files = new Map([[this.path, digest(this.path)]])
    if (!existsSync(this.path)) {
      const cure = 'Write one (README.md shows how), or name another with --config.'
      throw new GatewayError('config_invalid', `There is no config at ${shown(this.path)}. ${cure}`)
    }
    const file = realpathSync(this.path)
    const query = `?g=${++this.#generation}`
    this.#files.set(file, digest(file))
    const hooks = registerHooks({ resolve: freshImports(file, query, this.#files) })
    try {
      return defaultExport(await import(pathToFileURL(file).href + query), this.path)
    } catch (error) {
      throw explainImport(error, this.path)
    } finally {
      hooks.deregister()
    }
  }

  /** Where the files of the last load are. */
  get folders(): ReadonlySet<string> {
    return new Set([...this.#files.keys()].map(dirname))
  }

  /** Whether one of the files has other content than the last load found. */
  changed(): boolean {
    return [...this.#files].some(([file, content]) => digest(file) !== content)
  }
}

/** '' for what cannot be read. */
function digest(file: string): string {
  try {
    return hash('sha256', readFileSync(file))
  } catch {
    return ''
  }
}

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

/**
 * Node caches modules by URL. `query` therefore makes new ones of the config and, handed on from parent to
 * child, of all that is the operator's own; packages stay as they are, so that no plugin exists twice.
 * @param files takes what is found, before it is read: a change meanwhile then shows
 */
function freshImports(file: string, query: string, files: Map<string, string>) {
  const root = dirname(file) + sep
  const isOwn = (path: string): boolean => {
    return path.startsWith(root) && !relative(root, path).split(sep).includes('node_modules')
  }
  return (specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput => {
    const { parentURL } = context
    if (!parentURL?.endsWith(query)) return next(specifier, context)
    const target = specifier.startsWith('.') ? fileURLToPath(new URL(specifier, parentURL)) : undefined
    if (target && isOwn(target)) files.set(target, digest(target))
    try {
      const found = next(specifier, context)
      return target && isOwn(target) ? { ...found, url: found.url + query } : found
    } catch (error) {
      throw explainMissing(error, specifier, parentURL)
    }
  }
}

function defaultExport(module: unknown, path: string): GatewayConfig {
  const { default: config } = module as { default?: unknown }
  if (typeof config === 'object' && config !== null && !Array.isArray(config) && !(config instanceof Promise))
    return config
  const what = config === undefined ? 'has no default export' : `exports ${kindOf(config)} as its default`
  throw new GatewayError('config_invalid', `${shown(path)} ${what}. Write: export default defineConfig({ … }).`)
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'null' : `a ${typeof value}`
}
