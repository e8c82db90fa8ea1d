import type { ChatRequest, JsonObject } from '@sluice/core'
import { defined, optionalString } from '@sluice/dialect-kit'
import { keep, NAME, some } from '../extensions.ts'
import { camelCased } from './camel.ts'
import { decodeContents } from './contents.ts'
import { decodeConfig } from './generation-config.ts'
import { decodeToolConfig } from './tool-config.ts'
import { decodeTools } from './tools.ts'

const CASED = new Set([
  'systemInstruction',
  'toolConfig',
  'generationConfig',
  'serviceTier',
  'safetySettings',
  'cachedContent',
])
/** What has canonical words, or none and is put in its place below. The model stands in the path. */
const KNOWN = new Set([
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
])

/** A client's `generateContent`. What the model has no word for is kept in `extensions.gemini`. */
export function decodeRequest(wire: JsonObject): ChatRequest {
  const body = camelCased(wire, CASED, '')
  const config = decodeConfig(body)
  const calling = decodeToolConfig(body)
  const { extensions } = keep(body, KNOWN, {
    ...(config.kept && some(config.kept) === undefined && { generationConfig: config.kept }),
    ...(calling.came && { toolConfig: calling.came }),
  })
  const tier = optionalString(body, 'serviceTier')
  return defined<ChatRequest>({
    operation: 'chat',
    // The kernel sets model and stream mode: they stand in the path.
    model: '',
    stream: false,
    messages: decodeContents(body),
    tools: decodeTools(body),
    toolChoice: calling.choice,
    ...config.fields,
    serviceTier: tier === 'standard' ? 'default' : tier,
    extensions: {
      [NAME]: {
        ...extensions?.[NAME],
        ...(config.kept && some(config.kept) && { generationConfig: config.kept }),
        ...(calling.rest && { toolConfig: calling.rest }),
      },
    },
  })
}
