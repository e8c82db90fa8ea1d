/** A part of a client's request: in camelCase, and with the types that the API has. */
import type { JsonObject } from '@sluice/core'
import {
  itemObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredString,
} from '@sluice/dialect-kit'
import { camelCased } from './camel.ts'

const PART = new Set([
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'thoughtSignature',
  'videoMetadata',
  'mediaResolution',
])
const MEDIA = new Set(['mimeType', 'fileUri', 'displayName'])
const CALL = new Set(['partialArgs', 'willContinue'])

/** @param path of the part, without a dot @throws GatewayError `invalid_request` naming the field at fault */
export function checkedPart(value: unknown, path: string): JsonObject {
  const at = `${path}.`
  const part = camelCased(itemObject(value, path), PART, at)
  optionalString(part, 'text', at)
  optionalBoolean(part, 'thought', at)
  optionalString(part, 'thoughtSignature', at)
  return within(part, at, {
    inlineData: [MEDIA, checkInline],
    fileData: [MEDIA, checkFile],
    functionCall: [CALL, checkCall],
    functionResponse: [CALL, checkResult],
  })
}

type Check = (object: JsonObject, at: string) => JsonObject | void

/** The same object if nothing in its `fields` had to be renamed. */
function within(
  object: JsonObject,
  at: string,
  fields: { readonly [field: string]: [known: ReadonlySet<string>, check: Check] },
): JsonObject {
  let changed: JsonObject | undefined
  for (const field in fields) {
    const inner = optionalObject(object, field, at)
    if (inner === undefined) continue
    const [known, check] = fields[field]!
    const path = `${at}${field}.`
    const cased = camelCased(inner, known, path)
    const result = check(cased, path) ?? cased
    if (result !== inner) (changed ??= {})[field] = result
  }
  return changed === undefined ? object : { ...object, ...changed }
}

function checkInline(data: JsonObject, at: string): void {
  requiredString(data, 'mimeType', at)
  requiredString(data, 'data', at)
}

function checkFile(file: JsonObject, at: string): void {
  requiredString(file, 'fileUri', at)
  optionalString(file, 'mimeType', at)
}

function checkCall(call: JsonObject, at: string): void {
  optionalString(call, 'id', at)
  requiredString(call, 'name', at)
  optionalObject(call, 'args', at)
}

/** Its media are in parts of their own. */
function checkResult(result: JsonObject, at: string): JsonObject | void {
  optionalString(result, 'id', at)
  requiredString(result, 'name', at)
  optionalObject(result, 'response', at)
  const items = optionalArray(result, 'parts', at)
  if (items === undefined) return
  const parts = items.map((item, index) => {
    const path = `${at}parts[${index}]`
    const part = camelCased(itemObject(item, path), PART, `${path}.`)
    return within(part, `${path}.`, { inlineData: [MEDIA, checkInline], fileData: [MEDIA, checkFile] })
  })
  return { ...result, parts }
}
