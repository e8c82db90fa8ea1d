/** Requests for embeddings in both directions, in the form of `batchEmbedContents`. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, JsonObject, Part, RequestContext } from '@sluice/core'
import { dropExtensions, itemObject, requiredArray } from '@sluice/dialect-kit'
import { saysSame } from '../chat/same.ts'
import { extended, keep, kept, NAME, restore, spellingOf } from '../extensions.ts'
import { resourceName } from '../model-name.ts'
import { decodeItem, encodeItem, SETTINGS } from './item.ts'
import type { Item, Settings } from './item.ts'
import { isPurpose } from './purpose.ts'

const BATCH = new Set(['requests', 'model'])
/** Forms that every vector can be given in. */
const FLOATS = new Set(['float', 'base64'])

/** A client's `batchEmbedContents`. */
export function decodeBatch(body: JsonObject): EmbeddingsRequest {
  const items = requiredArray(body, 'requests').map((item, index) =>
    decodeItem(itemObject(item, `requests[${index}]`), `requests[${index}].`),
  )
  return decodeItems(items, keep(body, BATCH).extensions?.[NAME] ?? {})
}

/**
 * What holds of all items is said once. Where they differ, `requests` is kept as it came, for other dialects to
 * report.
 * @param beside fields around the items
 */
export function decodeItems(items: readonly Item[], beside: JsonObject): EmbeddingsRequest {
  const [first] = items
  const differs = (name: keyof Settings): boolean => items.some((item) => item.settings[name] !== first?.settings[name])
  const settings = settingsOf((name) => (differs(name) ? undefined : first?.settings[name]))
  const rest = items.every((item) => saysSame(item.rest, first?.rest)) ? first?.rest : undefined
  const isAlike = rest !== undefined && !SETTINGS.some(differs)
  const unlike = isAlike ? {} : { requests: items.map(({ wire }) => wire) }
  return {
    operation: 'embeddings',
    // The kernel sets the model, which stands in the path.
    model: '',
    stream: false,
    inputs: items.map(({ input }) => input),
    ...settings,
    ...extended({ ...beside, ...rest, ...unlike }, { items, settings, rest: rest ?? {}, beside }),
  }
}

/** What `decodeItems` knows beside what it says. */
interface Kept {
  items: readonly Item[]
  settings: Settings
  rest: JsonObject
  beside: JsonObject
}

/** A `batchEmbedContents` for the target. */
export function encodeBatch(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  const own = kept(request)
  return own === undefined ? encodeForeign(request, context) : encodeOwn(request, own, context.model)
}

function encodeForeign(request: EmbeddingsRequest, context: RequestContext): JsonObject {
  const settings = fitSettings(request, context)
  const requests = request.inputs.map((input, index) => {
    const path = `input[${index}]`
    return encodeItem(fitInput(input, path), settings, {}, context.model, path)
  })
  return { requests }
}

/** Items of a Gemini client that nobody changed keep their form. */
function encodeOwn(request: EmbeddingsRequest, { requests: _, ...known }: JsonObject, model: string): JsonObject {
  const { items = [], settings = {}, rest = known, beside = {} } = spellingOf(request) as Partial<Kept>
  const isUnchanged = SETTINGS.every((name) => request[name] === settings[name])
  const requests = request.inputs.map((input, index) => {
    const item = items[index]
    if (item !== undefined && isUnchanged && input === item.input) return { ...item.wire, model: resourceName(model) }
    const wanted = settingsOf((name) => request[name] ?? (name in settings ? undefined : item?.settings[name]))
    const path = `requests[${index}].content`
    return encodeItem(fitInput(input, path), wanted, item?.rest ?? rest, model, path)
  })
  return { ...restore({ extensions: { [NAME]: beside } }), requests }
}

function settingsOf(value: (name: keyof Settings) => Settings[keyof Settings]): Settings {
  const known = SETTINGS.map((name) => [name, value(name)] as const).filter(([, each]) => each !== undefined)
  return Object.fromEntries(known)
}

type Input = EmbeddingsRequest['inputs'][number]

function fitInput(input: Input, path: string): string | Part[] {
  if (!isTokens(input)) return input
  throw invalidRequest(`"${path}" is a list of tokens; Gemini takes texts only.`, path)
}

function isTokens(input: Input): input is number[] {
  return typeof input === 'object' && typeof input[0] === 'number'
}

/** What Gemini has a word for of another dialect's settings. The rest is reported. */
function fitSettings(request: EmbeddingsRequest, context: RequestContext): Settings {
  const { formats, purpose, truncate, user, extensions } = request
  if (formats?.some((format) => !FLOATS.has(format)))
    context.drop('embedding_types', 'Gemini gives vectors of floats only')
  if (user !== undefined) context.drop('user', 'Gemini takes no id of the user')
  if (truncate === 'start') context.drop('truncate', 'Gemini cuts off only the end')
  const isKnown = purpose === undefined || isPurpose(purpose)
  if (!isKnown) context.drop('input_type', `Gemini has no task "${purpose}"`)
  dropExtensions(extensions, (param, why) => context.drop(param, why))
  return settingsOf((name) => (name === 'purpose' && !isKnown ? undefined : request[name]))
}
