/** Values that stand elsewhere: read when the config is applied, masked wherever they are printed. */
import { readFileSync } from 'node:fs'
import { isSecretName } from './options.ts'

type Scalar = string | number | boolean

/** In an address: `redis://:password@host`. */
const PASSWORD = /^\w+:\/\/[^/\s:@]*:([^/\s@]+)@/
const REFERENCE = Symbol.for('sluice.Reference')

/** Stands in the config for a value that is read at boot. Prints as `env:NAME`, never as the value. */
export class Reference {
  readonly [REFERENCE] = true
  /** `env:NAME`, `file:/path`, or an address that a plugin would have to resolve. */
  readonly address: string
  readonly #fallback: Scalar | undefined

  constructor(address: string, fallback?: Scalar) {
    this.address = address
    this.#fallback = fallback
  }

  /** What is in front of the colon: who resolves it. */
  get scheme(): string {
    return this.address.split(':', 1)[0]!
  }

  /** Throws an Error that says what is missing, never what was found. */
  resolve(environment: NodeJS.ProcessEnv): { value: Scalar; secret: boolean } {
    const target = this.address.slice(this.scheme.length + 1)
    if (this.scheme === 'env') {
      const value = environment[target]
      if (value) return { value: like(this.#fallback, value), secret: true }
      if (this.#fallback !== undefined) return { value: this.#fallback, secret: false }
      throw new Error(`environment variable ${target} is not set`)
    }
    try {
      return { value: readFileSync(target, 'utf8').trim(), secret: true }
    } catch (error) {
      throw new Error(`file ${target} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
  }

  toString(): string {
    return this.address
  }

  toJSON(): string {
    return this.address
  }
}

/** True also for one made by another installed copy of this package. */
function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && REFERENCE in value
}

/** A type whose scalars may also be references. */
export type Configured<T> = T extends Scalar
  ? T | Reference
  : T extends (...args: never[]) => unknown
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Configured<Item>[]
      : T extends object
        ? { [K in keyof T]: Configured<T[K]> }
        : T

/** The environment variable `name`; without a default it must be set. A number or boolean as default converts it. */
export function env(name: string, fallback?: Scalar): Reference {
  return new Reference(`env:${name}`, fallback)
}

/** A secret by address: `file:/run/secrets/key`, or of a scheme that a plugin resolves, e.g. `vault:kv/openai#key`. */
export function secret(address: string): Reference {
  return new Reference(address)
}

function like(fallback: Scalar | undefined, value: string): Scalar {
  if (typeof fallback === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  return typeof fallback === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value
}

/** What resolving finds on its way. */
export interface Findings {
  environment: NodeJS.ProcessEnv
  /** Texts to be masked. */
  secrets: Set<string>
  /** What cannot be read. */
  problems: string[]
  /** Files that were read, with what was found: to be read again when that changes. */
  files: Map<string, string>
  /** References that only plugins can resolve. */
  deferred: Deferred[]
}
/** A reference that waits for the plugin of its scheme; `settle` puts its text where it belongs. */
export type Deferred = { path: string; reference: Reference; settle: (text: string) => void }

/** `value` with every reference replaced by what it stands for; the input is not changed. */
export function resolveReferences(value: unknown, path: string, found: Findings): unknown {
  const { environment, secrets, problems, files } = found
  if (isReference(value)) {
    try {
      const resolved = value.resolve(environment)
      if (value.scheme === 'file') files.set(value.address.slice('file:'.length), String(resolved.value))
      if (resolved.secret) addSecret(secrets, String(resolved.value))
      return resolved.value
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}.`)
      return undefined
    }
  }
  // A credential written into the config itself is as secret as one from the environment.
  if (typeof value === 'string' && isSecretName(path)) addSecret(secrets, value)
  const password = typeof value === 'string' ? PASSWORD.exec(value)?.[1] : undefined
  if (password !== undefined) addSecret(secrets, password)
  if (Array.isArray(value)) {
    const list: unknown[] = []
    for (const [index, item] of value.entries()) list.push(inner(item, `${path}[${index}]`, list, index, found))
    return list
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const copy: { [key: string]: unknown } = {}
  for (const [key, item] of Object.entries(value)) copy[key] = inner(item, `${path}.${key}`, copy, key, found)
  return copy
}

/** One field of `holder`. Of a reference that waits its address stands in, so that the rest can be checked meanwhile. */
function inner(item: unknown, path: string, holder: object, key: string | number, found: Findings): unknown {
  if (!isReference(item) || item.scheme === 'env' || item.scheme === 'file') return resolveReferences(item, path, found)
  const settle = (text: string): void => {
    addSecret(found.secrets, text)
    Object.assign(holder, { [key]: text })
  }
  found.deferred.push({ path, reference: item, settle })
  return item.address
}

/** As it is, and as it stands in JSON, which logs and inspections are: a private key has line ends. */
function addSecret(secrets: Set<string>, text: string): void {
  // Short values are settings such as a port; masking them would garble the log.
  if (text.length < 8) return
  secrets.add(text)
  secrets.add(JSON.stringify(text).slice(1, -1))
}
