/** Models of which there are several versions under one name. */
import { exchangeKey, GatewayError, Type } from '@sluice/core'
import type { Exchange, Reply, Static } from '@sluice/core'
import { compileDestination } from './destination.ts'
import type { Destination } from './destination.ts'
import { Destination as DestinationSchema } from './rule-schema.ts'

/** Asks for a version; what stands behind the name of the model wins over it. */
export const VERSION_HEADER = 'x-model-version'

const moment = (description: string) =>
  Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d)?Z)?$',
      examples: ['2027-03-01', '2027-03-01T12:00Z'],
      description,
    }),
  )

const VersionObject = Type.Object(
  {
    ...DestinationSchema,
    deprecated: moment('Since when it should not be used any more: header `deprecation`.'),
    sunset: moment('When it ends: header `sunset`.'),
  },
  { additionalProperties: false },
)
const Version = Type.Union([Type.String({ minLength: 1 }), VersionObject])

export type VersionSet = { readonly default: string; readonly [version: string]: Static<typeof Version> }
export const VersionSet = Type.Unsafe<VersionSet>(
  Type.Object(
    { default: Type.String({ minLength: 1, description: 'The version of those who ask for none.' }) },
    { additionalProperties: Version },
  ),
)

/** One version of a model; `headers` go on its replies. */
export interface ModelVersion {
  readonly model: string
  readonly version: string
  readonly destination: Destination
  readonly headers: { readonly [name: string]: string }
}

type Versioned = { readonly byName: ReadonlyMap<string, ModelVersion>; readonly usual: ModelVersion | undefined }

const SERVED = exchangeKey<ModelVersion | undefined>('route-rules/version')

export class Versions {
  readonly #models = new Map<string, Versioned>()
  readonly #taken: readonly string[]
  /** What is wrong, with the option that says it. */
  readonly problems: string[] = []

  /** @param taken words that mean something else behind a model's name */
  constructor(written: { readonly [model: string]: VersionSet }, taken: readonly string[]) {
    this.#taken = taken
    for (const [model, set] of Object.entries(written)) {
      const names = Object.keys(set).filter((version) => version !== 'default')
      const byName = new Map<string, ModelVersion>()
      for (const version of names) {
        const at = `versions[${model}].${version}`
        if (!/^[\w.-]{1,64}$/.test(version))
          this.problems.push(`${at}: the name of a version has letters, digits, ".", "_" and "-".`)
        else if (taken.includes(version))
          this.problems.push(`${at}: this word means something else behind a model's name.`)
        else this.#add(byName, model, version, set[version]!)
      }
      if (!names.includes(set.default))
        this.problems.push(`versions[${model}].default: "${set.default}" is none of its versions: ${names.join(', ')}.`)
      this.#models.set(model, { byName, usual: byName.get(set.default) })
    }
  }

  #add(byName: Map<string, ModelVersion>, model: string, version: string, written: VersionSet[string]): void {
    const at = `versions[${model}].${version}`
    const { deprecated, sunset, ...rest } = typeof written === 'string' ? { model: written } : written
    try {
      const destination = compileDestination(rest)
      if (destination)
        byName.set(version, { model, version, destination, headers: headersOf(version, deprecated, sunset) })
      else this.problems.push(`${at}: needs one of "target", "targets" and "model".`)
    } catch (error) {
      this.problems.push(`${at}: ${(error as Error).message}`)
    }
  }

  /** Names of the models. */
  get names(): readonly string[] {
    return [...this.#models.keys()]
  }

  get all(): readonly ModelVersion[] {
    return this.names.flatMap((name) => this.named(name))
  }

  /** Those of a model, or the one that `model@version` or `model:version` names. */
  named(name: string): readonly ModelVersion[] {
    const model = this.#models.get(name)
    if (model) return [...model.byName.values()]
    const found = this.#behind(name)
    const version = found?.versioned.byName.get(found.wanted)
    return version ? [version] : []
  }

  /**
   * The version that a name and an exchange ask for; undefined if the name is no model with versions.
   * @throws GatewayError `model_not_found` if there is no such version
   */
  find(name: string, exchange: Exchange): ModelVersion | undefined {
    const model = this.#models.get(name)
    if (model) {
      const wanted = exchange.headers[VERSION_HEADER]
      return typeof wanted === 'string' && wanted !== '' ? pick(name, model, wanted) : model.usual
    }
    const found = this.#behind(name)
    // A variant is none of its versions, and may stand there all the same.
    return found && !this.#taken.includes(found.wanted) ? pick(found.base, found.versioned, found.wanted) : undefined
  }

  #behind(name: string): { base: string; versioned: Versioned; wanted: string } | undefined {
    const at = Math.max(name.lastIndexOf('@'), name.lastIndexOf(':'))
    const base = name.slice(0, Math.max(at, 0))
    const versioned = this.#models.get(base)
    return versioned && { base, versioned, wanted: name.slice(at + 1) }
  }
}

function pick(model: string, { byName }: Versioned, wanted: string): ModelVersion {
  const found = byName.get(wanted)
  if (found) return found
  const known = [...byName.keys()].join(', ')
  const told = wanted.slice(0, 64)
  throw new GatewayError('model_not_found', `The model "${model}" has no version "${told}". Versions: ${known}.`, {
    param: 'model',
  })
}

function headersOf(version: string, deprecated?: string, sunset?: string): ModelVersion['headers'] {
  return {
    'x-sluice-model-version': version,
    // RFC 9745 and RFC 8594.
    ...(deprecated !== undefined && { deprecation: `@${Math.floor(dateOf(deprecated).getTime() / 1000)}` }),
    ...(sunset !== undefined && { sunset: dateOf(sunset).toUTCString() }),
  }
}

function dateOf(text: string): Date {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new RangeError(`"${text}" is no date.`)
  return date
}

/** Remembers which version an exchange is served with, or that it is none. */
export function noteVersion(exchange: Exchange, version: ModelVersion | undefined): void {
  exchange.set(SERVED, version)
}

export function servedVersion(exchange: Exchange): ModelVersion | undefined {
  return exchange.get(SERVED)
}

export function writeVersion(reply: Reply, exchange: Exchange): void {
  const served = servedVersion(exchange)
  if (served) Object.assign(reply.headers, served.headers)
}
