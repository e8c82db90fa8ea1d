/** Checks configuration against its schema and says every mistake: path, given value, what is allowed, what was meant. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import leven from 'leven'
import type { TSchema } from 'typebox'

const ajv = new Ajv2020({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true, verbose: true })
/** Compiling is slow and schemas live as long as their plugin: each is compiled once per process. */
const compiled = new WeakMap<object, ValidateFunction>()

/** What is wrong in a value, and where: `limits.requests`, `models[2]`, '' for the whole. */
export type Mistake = { at: string; text: string }

/** Mistakes that are told: a client may make as many as its body has bytes. */
const TOLD = 50

/** Fills defaults into `value` and returns its mistakes, the first 50 at most; none if it is valid. */
export function checkValue(schema: TSchema, value: unknown): Mistake[] {
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  const errors = validate(value) ? [] : (validate.errors ?? [])
  // A union reports each failed branch and then itself; its own line says all that helps.
  const unions = new Set(errors.filter(({ keyword }) => keyword === 'anyOf').map((error) => error.instancePath))
  const told = errors.filter((error) => error.keyword === 'anyOf' || !unions.has(error.instancePath))
  return told.slice(0, TOLD).map(mistake)
}

/**
 * The same as texts that begin with the place.
 * @param path where the value stands, e.g. `plugins[limit-rate]`
 */
export function checkOptions(schema: TSchema, value: unknown, path: string): string[] {
  const mistakes = checkValue(schema, value)
  return [...new Set(mistakes.map(({ at, text }) => `${path}${at && !at.startsWith('[') ? '.' : ''}${at}: ${text}`))]
}

/** In place of what nobody may read. */
const HIDDEN = 'the given value'

function mistake({ instancePath, keyword, params, data, parentSchema, message }: ErrorObject): Mistake {
  const at = instancePath
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replace(/^\//, '')
    .replaceAll('/', '.')
  const below = (name: unknown): string => (at === '' ? String(name) : `${at}.${String(name)}`)
  const { examples, writeOnly } = parentSchema as { examples?: string[]; writeOnly?: boolean }
  const given = writeOnly ? HIDDEN : show(data, at)
  if (keyword === 'required') return { at: below(params['missingProperty']), text: 'is required.' }
  if (keyword === 'type') return { at, text: `must be ${[params['type']].flat().join(' or ')}, not ${given}.` }
  if (keyword === 'additionalProperties') {
    const name = String(params['additionalProperty'])
    const allowed = Object.keys((parentSchema as { properties?: object }).properties ?? {})
    const text = `unknown option. Allowed: ${allowed.join(', ') || 'none'}.${didYouMean(name, allowed)}`
    return { at: below(name), text }
  }
  if (keyword === 'enum') {
    const allowed = (params['allowedValues'] as unknown[]).map(String)
    return {
      at,
      text: `${given} is not allowed. Allowed: ${allowed.join(', ')}.${didYouMean(String(data), allowed)}`,
    }
  }
  if (keyword === 'pattern' && examples) return { at, text: `${given} is not of the form ${examples.join(' or ')}.` }
  return { at, text: `${given} ${message ?? 'is not valid'}.` }
}

function show(value: unknown, at: string): string {
  if (isSecretName(at)) return HIDDEN
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** Whether the field at `path` holds a credential, by its name. */
export function isSecretName(path: string): boolean {
  return /(key|secret|token|password|pepper|authorization)s?(\[\d+\])?$/i.test(path)
}

/** ` Did you mean "rules"?`, or '' if nothing is near. */
export function didYouMean(name: string, allowed: readonly string[]): string {
  const near = allowed.map((word) => ({ word, distance: leven(name, word) })).sort((a, b) => a.distance - b.distance)[0]
  return near && near.distance <= Math.max(2, name.length / 3) ? ` Did you mean "${near.word}"?` : ''
}
