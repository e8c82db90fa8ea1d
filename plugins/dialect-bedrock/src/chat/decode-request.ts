import { invalidRequest } from '@sluice/core'
import type { ChatRequest, JsonObject, Reasoning } from '@sluice/core'
import { defined, optionalArray, optionalNumber, optionalObject } from '@sluice/dialect-kit'
import { extended, leftovers } from '../extensions.ts'
import { decodeMessages } from './messages.ts'
import { readForm, REASONING_FORMS, TOP_K_FORMS } from './model-fields.ts'
import { decodeOutput } from './output.ts'
import { decodeToolConfig } from './tools.ts'

const INFERENCE_FIELDS = new Set(['maxTokens', 'temperature', 'topP', 'stopSequences'])
const FIELDS = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'additionalModelRequestFields',
  'requestMetadata',
  'serviceTier',
  'outputConfig',
])

/** A client's body. What the model has no word for is kept in `extensions.bedrock`; model and stream mode stand in the path. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const inference = optionalObject(body, 'inferenceConfig') ?? {}
  const toolConfig = decodeToolConfig(body)
  const fields = optionalObject(body, 'additionalModelRequestFields') ?? {}
  const thinking = readForm<Reasoning, keyof typeof REASONING_FORMS>(REASONING_FORMS, fields)
  const topK = readForm<number, keyof typeof TOP_K_FORMS>(TOP_K_FORMS, thinking?.rest ?? fields)
  const output = decodeOutput(body, thinking?.value.effort === undefined)
  const tier = decodeServiceTier(body)
  const metadata = decodeMetadata(body)
  const own: JsonObject = {
    ...leftovers(body, FIELDS),
    ...defined<JsonObject>({
      inferenceConfig: leftovers(inference, INFERENCE_FIELDS),
      toolConfig: toolConfig.rest,
      additionalModelRequestFields: unlessEmpty(topK?.rest ?? thinking?.rest ?? fields),
      outputConfig: output.rest,
      serviceTier: tier.rest,
      requestMetadata: metadata.rest,
    }),
  }
  // Which objects were there, and in which form they said what they did.
  const spelling = defined<JsonObject>({
    messages: isPresent(body.messages),
    inferenceConfig: isPresent(body.inferenceConfig),
    toolConfig: isPresent(body.toolConfig),
    additionalModelRequestFields: isPresent(body.additionalModelRequestFields),
    outputConfig: isPresent(body.outputConfig),
    reasoning: thinking?.form,
    topK: topK?.form,
    effort: output.effort === undefined ? undefined : 'outputConfig',
  })
  return defined<ChatRequest>({
    operation: 'chat',
    model: '',
    stream: false,
    messages: decodeMessages(body),
    tools: toolConfig.tools,
    toolChoice: toolConfig.toolChoice,
    responseFormat: output.responseFormat,
    reasoning: output.effort === undefined ? thinking?.value : { ...thinking?.value, effort: output.effort },
    maxTokens: optionalNumber(inference, 'maxTokens', 'inferenceConfig.'),
    stop: decodeStop(inference),
    temperature: optionalNumber(inference, 'temperature', 'inferenceConfig.'),
    topP: optionalNumber(inference, 'topP', 'inferenceConfig.'),
    topK: topK?.value,
    metadata: metadata.metadata,
    serviceTier: tier.serviceTier,
    // Bedrock's clients get the usage of every stream without asking.
    includeUsage: true,
    ...extended(own, spelling),
  })
}

function isPresent(value: unknown): true | undefined {
  return value === undefined || value === null ? undefined : true
}

function unlessEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length > 0 ? fields : undefined
}

function decodeStop(inference: JsonObject): string[] | undefined {
  const at = 'inferenceConfig.stopSequences'
  return optionalArray(inference, 'stopSequences', 'inferenceConfig.')?.map((item, index) => {
    if (typeof item === 'string') return item
    throw invalidRequest(`"${at}[${index}]" must be a text.`, `${at}[${index}]`)
  })
}

function decodeServiceTier(body: JsonObject): { serviceTier?: string; rest?: JsonObject | undefined } {
  const tier = optionalObject(body, 'serviceTier')
  if (tier === undefined) return {}
  const { type, ...more } = tier
  return typeof type === 'string' && Object.keys(more).length === 0 ? { serviceTier: type } : { rest: tier }
}

function decodeMetadata(body: JsonObject): { metadata?: { [key: string]: string }; rest?: JsonObject | undefined } {
  const metadata = optionalObject(body, 'requestMetadata')
  if (metadata === undefined) return {}
  const isText = Object.values(metadata).every((value) => typeof value === 'string')
  return isText ? { metadata: metadata as { [key: string]: string } } : { rest: metadata }
}
