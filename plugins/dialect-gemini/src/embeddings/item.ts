/** One content that is to be embedded, and how: an item of `requests`, or the body of an `embedContent`. */
import type { EmbeddingsRequest, JsonObject, Part } from '@sluice/core'
import {
  objectOf,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  requiredObject,
} from '@sluice/dialect-kit'
import { CallIds } from '../chat/call-ids.ts'
import { camelCased } from '../chat/camel.ts'
import { checkedPart } from '../chat/check-part.ts'
import { encodeRequestPart } from '../chat/encode-part.ts'
import { decodePart } from '../chat/parts.ts'
import { leftovers } from '../extensions.ts'
import { resourceName } from '../model-name.ts'
import { purposeOf, taskOf } from './purpose.ts'

type Input = EmbeddingsRequest['inputs'][number]
/** What can be said of every input alone, and in other dialects only of them all. */
export type Settings = Pick<EmbeddingsRequest, 'purpose' | 'dimensions' | 'truncate'>
export const SETTINGS = ['purpose', 'dimensions', 'truncate'] as const satisfies (keyof Settings)[]

export interface Item {
  input: Input
  settings: Settings
  /** What the model has no word for. */
  rest: JsonObject
  /** As it came. */
  wire: JsonObject
}

const CONFIG = 'embedContentConfig'
const CASED = new Set([
  'taskType',
  'outputDimensionality',
  'autoTruncate',
  'documentOcr',
  'audioTrackExtraction',
  CONFIG,
])
const KNOWN = new Set(['model', 'content', 'taskType', 'outputDimensionality', 'autoTruncate', CONFIG])

/** @param at path of `wire` with its dot, or '' */
export function decodeItem(wire: JsonObject, at: string): Item {
  const item = camelCased(wire, CASED, at)
  // The newer place of all settings.
  const within = `${at}${CONFIG}.`
  const { title, ...config } = camelCased(optionalObject(item, CONFIG, at) ?? {}, CASED, within)
  const task = optionalString(item, 'taskType', at) ?? optionalString(config, 'taskType', within)
  const dimensions =
    optionalNumber(item, 'outputDimensionality', at) ?? optionalNumber(config, 'outputDimensionality', within)
  const truncates = optionalBoolean(item, 'autoTruncate', at) ?? optionalBoolean(config, 'autoTruncate', within)
  const deeper = leftovers(config, KNOWN)
  return {
    input: decodeInput(requiredObject(item, 'content', at), `${at}content`),
    settings: {
      ...(task !== undefined && { purpose: purposeOf(task) }),
      ...(dimensions !== undefined && { dimensions }),
      ...(truncates !== undefined && { truncate: truncates ? 'end' : 'none' }),
    },
    rest: {
      ...(title !== undefined && { title }),
      ...leftovers(item, KNOWN),
      ...(deeper && { [CONFIG]: deeper }),
    },
    wire: item,
  }
}

/** A mere text as such, as most dialects know nothing else. */
function decodeInput(content: JsonObject, path: string): Input {
  const ids = new CallIds()
  const parts = (optionalArray(content, 'parts', `${path}.`) ?? []).map((part, index) =>
    decodePart(checkedPart(part, `${path}.parts[${index}]`), ids),
  )
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' && only.extensions === undefined ? only.text : parts
}

/**
 * @param rest fields to send beside what the settings say
 * @param path of the input, for messages
 */
export function encodeItem(
  input: string | Part[],
  { purpose, dimensions, truncate }: Settings,
  rest: JsonObject,
  model: string,
  path: string,
): JsonObject {
  const parts =
    typeof input === 'string'
      ? [{ text: input }]
      : input.map((part, index) => encodeRequestPart(part, `${path}[${index}]`))
  const config = { ...objectOf(rest[CONFIG]), ...(truncate === 'none' && { autoTruncate: false }) }
  return {
    ...rest,
    ...(Object.keys(config).length > 0 && { [CONFIG]: config }),
    model: resourceName(model),
    content: { parts },
    ...(purpose !== undefined && { taskType: taskOf(purpose) }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions }),
  }
}
