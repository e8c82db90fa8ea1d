/** Values that stand elsewhere, in the environment or a file: read at boot, masked wherever they are printed. */
import { readFileSync } from 'node:fs'
import { isSecretName } from './options.ts'

type Scalar = string | number | boolean

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

  /** Throws an Error that says what is missing, never what was found. */
  resolve(environment: NodeJS.ProcessEnv): { value: Scalar; secret: boolean } {
    const [, kind, target = ''] = /^(\w+):(.*)$/.exec(this.address) ?? []
    if (kind === 'env') {
      const value = environment[target]
      if (value) return { value: like(this.#fallback, value), secret: true }
      if (this.#fallback !== undefined) return { value: this.#fallback, secret: false }
      throw new Error(`environment variable ${target} is not set`)
    }
    if (kind !== 'file') throw new Error(`no plugin resolves "${this.address}"; env: and file: are built in`)
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

/** A secret by address: `file:/run/secrets/key`. */
export function secret(address: string): Reference {
  return new Reference(address)
}

function like(fallback: Scalar | undefined, value: string): Scalar {
  if (typeof fallback === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  return typeof fallback === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value
}

/**
 * `value` with every reference replaced by what it stands for; the input is not changed. Secret texts go
 * into `secrets`, what cannot be read into `problems`.
 */
export function resolveReferences(
  value: unknown,
  path: string,
  { environment, secrets, problems }: { environment: NodeJS.ProcessEnv; secrets: Set<string>; problems: string[] },
): unknown {
  if (isReference(value)) {
    try {
      const resolved = value.resolve(environment)
      if (resolved.secret) addSecret(secrets, String(resolved.value))
      return resolved.value
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}.`)
      return undefined
    }
  }
  // A credential written into the config itself is as secret as one from the environment.
  if (typeof value === 'string' && isSecretName(path)) addSecret(secrets, value)
  const inner = (item: unknown, at: string): unknown => resolveReferences(item, at, { environment, secrets, problems })
  if (Array.isArray(value)) return value.map((item, index) => inner(item, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, `${path}.${key}`)]))
}

/** As it is, and as it stands in JSON, which logs and inspections are: a private key has line ends. */
function addSecret(secrets: Set<string>, text: string): void {
  // Short values are settings such as a port; masking them would garble the log.
  if (text.length < 8) return
  secrets.add(text)
  secrets.add(JSON.stringify(text).slice(1, -1))
}
