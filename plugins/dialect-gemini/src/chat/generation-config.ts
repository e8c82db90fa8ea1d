/** `generationConfig` in both directions. */
import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import { defined, optionalArray, optionalBoolean, optionalNumber, optionalObject } from '@sluice/dialect-kit'
import { keep, NAME, restore } from '../extensions.ts'
import { camelCased } from './camel.ts'
import { decodeFormat, encodeFormat, FORMAT_FIELDS } from './response-format.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'

const AT = 'generationConfig.'
const NUMBERS = [
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['maxOutputTokens', 'maxTokens'],
  ['candidateCount', 'n'],
  ['seed', 'seed'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['logprobs', 'topLogprobs'],
] as const satisfies [wire: string, field: keyof ChatRequest][]
const PLAIN = new Set<string>([...NUMBERS.map(([wire]) => wire), 'stopSequences', 'responseLogprobs'])
const CASED = new Set([
  ...PLAIN,
  ...FORMAT_FIELDS,
  'thinkingConfig',
  'responseModalities',
  'speechConfig',
  'mediaResolution',
])

type Fields = Partial<
  Pick<ChatRequest, (typeof NUMBERS)[number][1] | 'stop' | 'logprobs' | 'reasoning' | 'responseFormat'>
>

interface Config {
  fields: Fields
  /** What the model has no word for, if only that there was a config; undefined if there was none. */
  kept?: JsonObject
}

export function decodeConfig(body: JsonObject): Config {
  const wire = optionalObject(body, 'generationConfig')
  if (wire === undefined) return { fields: {} }
  const config = camelCased(wire, CASED, AT)
  const reasoning = decodeThinking(config)
  const responseFormat = decodeFormat(config)
  const known = new Set([...PLAIN, ...(reasoning ? ['thinkingConfig'] : []), ...(responseFormat ? FORMAT_FIELDS : [])])
  const numbers = NUMBERS.map(([name, field]) => [field, optionalNumber(config, name, AT)])
  const fields = defined<Fields>({
    ...(Object.fromEntries(numbers) as Fields),
    stop: decodeStop(config),
    logprobs: optionalBoolean(config, 'responseLogprobs', AT),
    reasoning,
    responseFormat,
  })
  return { fields, kept: keep(config, known).extensions?.[NAME] ?? {} }
}

function decodeStop(config: JsonObject): string[] | undefined {
  return optionalArray(config, 'stopSequences', AT)?.map((item, index) => {
    if (typeof item === 'string') return item
    const path = `${AT}stopSequences[${index}]`
    throw invalidRequest(`"${path}" must be a text.`, path)
  })
}

/** @param kept by `decodeConfig`; undefined if there was no config. @returns undefined if there is nothing to say */
export function encodeConfig(request: ChatRequest, kept: JsonObject | undefined): JsonObject | undefined {
  const { reasoning, responseFormat } = request
  const config: JsonObject = {
    ...(kept && restore({ extensions: { [NAME]: kept } })),
    ...(responseFormat && encodeFormat(responseFormat)),
    ...(reasoning && { thinkingConfig: encodeThinking(reasoning) }),
  }
  for (const [name, field] of NUMBERS) if (request[field] !== undefined) config[name] = request[field]
  if (request.stop !== undefined) config.stopSequences = request.stop
  if (request.logprobs !== undefined) config.responseLogprobs = request.logprobs
  return kept === undefined && Object.keys(config).length === 0 ? undefined : config
}
