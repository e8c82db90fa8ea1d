/** What the requests of all of OpenAI's APIs say in the same way: settings of one value, metadata, service tiers. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import { optionalArray, optionalBoolean, optionalNumber, optionalObject, optionalString } from '@sluice/dialect-kit'
import type { Drops } from '@sluice/dialect-kit'

/** The names of the canonical request's fields that hold a `T`. */
type FieldOf<T> = {
  [K in keyof ChatRequest]-?: T | undefined extends ChatRequest[K]
    ? ChatRequest[K] extends T | undefined
      ? K
      : never
    : never
}[keyof ChatRequest]
type Pairs<T> = readonly (readonly [field: string, name: FieldOf<T>])[]

/** The settings that one dialect has: field of the wire, field of the canonical request. */
export interface Settings {
  numbers: Pairs<number>
  booleans: Pairs<boolean>
  texts: Pairs<string>
}

/** The fields of the wire. */
export function fieldsOf({ numbers, booleans, texts }: Settings): string[] {
  return [...numbers, ...booleans, ...texts].map(([field]) => field)
}

/** Throws `invalid_request` on a wrong type. */
export function readSettings(body: JsonObject, settings: Settings, request: ChatRequest): void {
  for (const [field, name] of settings.numbers) {
    const value = optionalNumber(body, field)
    if (value !== undefined) request[name] = value
  }
  for (const [field, name] of settings.booleans) {
    const value = optionalBoolean(body, field)
    if (value !== undefined) request[name] = value
  }
  for (const [field, name] of settings.texts) {
    const value = optionalString(body, field)
    if (value !== undefined) request[name] = value
  }
}

export function writeSettings(request: ChatRequest, { numbers, booleans, texts }: Settings, body: JsonObject): void {
  for (const [field, name] of [...numbers, ...booleans, ...texts]) {
    if (request[name] !== undefined) body[field] = request[name]
  }
}

/** Throws `invalid_request` unless all values are texts. */
export function readMetadata(body: JsonObject): ChatRequest['metadata'] {
  const metadata = optionalObject(body, 'metadata')
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (typeof value !== 'string') throw invalidRequest(`"metadata.${key}" must be a string.`, `metadata.${key}`)
  }
  return metadata as ChatRequest['metadata']
}

/** One text or a list of them. Throws `invalid_request` on anything else. */
export function readStop(body: JsonObject, spelling: JsonObject): string[] | undefined {
  const { stop } = body
  if (typeof stop === 'string') {
    if (stop !== '') spelling.stop = 'text'
    return stop === '' ? undefined : [stop]
  }
  const list = optionalArray(body, 'stop')
  const texts = list?.filter((item) => typeof item === 'string')
  if (texts?.length !== list?.length) throw invalidRequest('"stop" must be a string or an array of strings.', 'stop')
  return texts
}

/** As it was written, if it still is one text. */
export function writeStop({ stop }: ChatRequest, spelling: JsonObject): unknown {
  return spelling.stop === 'text' && stop?.length === 1 ? stop[0] : stop
}

const TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority'])

/** Takes a tier of another vendor out of `body`. */
export function checkTier({ serviceTier }: ChatRequest, body: JsonObject, drops: Drops): void {
  if (serviceTier === undefined || TIERS.has(serviceTier)) return
  delete body.service_tier
  drops.add('service_tier', 'this API has no such tier')
}
