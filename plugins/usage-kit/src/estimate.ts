/** How many tokens an exchange may come to, before anybody has counted them. */
import { isAscii } from 'node:buffer'
import type { CanonicalRequest, ChatRequest, Exchange, JsonObject } from '@sluice/core'
import { textTokens, tokensIn } from './text-tokens.ts'

/** `limited`: the request itself limits its output, so that `output` is no guess. */
export type Estimate = { input: number; output: number; limited: boolean }

/** Of chat requests that do not limit their output, per choice. */
export const DEFAULT_OUTPUT = 4096
/** Bodies above this are not told by their size: what is large in them is more often media than text. */
const SMALL = 32 * 1024
/** Bodies that nobody reads count no more than this, however long they are. */
const MOST_UNREAD = 16_384
/** By dialect: the fields that hold the limit of the output, the one that wins first. */
const LIMITS: { readonly [dialect: string]: readonly string[] } = {
  'openai-chat': ['max_completion_tokens', 'max_tokens'],
  'openai-responses': ['max_output_tokens'],
  anthropic: ['max_tokens'],
}

/**
 * An upper estimate: four bytes a token of input, fewer where they are not ASCII, and as much output as the
 * request allows (`defaultOutput` a choice if it does not say). Media count as a thousand tokens each, whatever
 * their size; bodies that are passed on unread count their bytes, up to 16,384 tokens.
 * @throws GatewayError `invalid_request` if the body has a wrong shape
 */
export function estimateTokens(exchange: Exchange, defaultOutput = DEFAULT_OUTPUT): Estimate {
  switch (exchange.operation) {
    case 'chat':
      return chat(exchange, defaultOutput)
    case 'embeddings':
    case 'rerank':
      return withoutOutput(isSmall(exchange) ? bodyTokens(exchange.body) : canonicalTokens(exchange.request))
    case 'count-tokens':
    case 'models':
    case 'operator':
      return withoutOutput(0) // no model is asked to work
    default:
      return unread(exchange, defaultOutput)
  }
}

function chat(exchange: Exchange, defaultOutput: number): Estimate {
  const fields = LIMITS[exchange.dialect.name]
  if (fields && isSmall(exchange) && isPlain(exchange.json)) {
    const { json } = exchange
    return withOutput(bodyTokens(exchange.body), limitIn(json, fields), json['n'], defaultOutput)
  }
  const request = exchange.request as ChatRequest
  return withOutput(canonicalTokens(request), request.maxTokens, request.n, defaultOutput)
}

function unread(exchange: Exchange, defaultOutput: number): Estimate {
  const input = Math.min(Math.ceil(exchange.bytesIn / 4), MOST_UNREAD)
  const answersInText = exchange.raw?.route.reads === 'chat' || exchange.operation === 'realtime'
  return answersInText ? { input, output: defaultOutput, limited: false } : withoutOutput(input)
}

function withoutOutput(input: number): Estimate {
  return { input, output: 0, limited: true }
}

/** `limit` and `choices` as the request has them, whatever that is. */
function withOutput(input: number, limit: unknown, choices: unknown, defaultOutput: number): Estimate {
  const limited = typeof limit === 'number' && limit >= 0
  const times = typeof choices === 'number' && choices > 1 ? choices : 1
  const output = Math.min(Math.ceil((limited ? limit : defaultOutput) * times), Number.MAX_SAFE_INTEGER)
  return { input, output, limited }
}

/** Whether the client's bytes say what will be sent, and are few. */
function isSmall({ transformed, body }: Exchange): boolean {
  return !transformed && body.length > 0 && body.length <= SMALL
}

/** Whether all content is text: then nothing in the body is larger or smaller than what a model reads of it. */
function isPlain(body: JsonObject): boolean {
  const turns = body['messages'] ?? body['input']
  if (!Array.isArray(turns)) return typeof turns === 'string'
  for (let i = 0; i < turns.length; i++) {
    const content = (turns[i] as JsonObject | null)?.['content']
    if (typeof content === 'string' || content === null) continue
    if (!Array.isArray(content)) return false
    for (let j = 0; j < content.length; j++) if (!isText(content[j] as JsonObject | null)) return false
  }
  return true
}

function isText(part: JsonObject | null): boolean {
  const type = part?.['type']
  return type === 'text' || type === 'input_text' || type === 'output_text'
}

function limitIn(body: JsonObject, fields: readonly string[]): unknown {
  for (const field of fields) if (body[field] !== undefined && body[field] !== null) return body[field]
  return undefined
}

function bodyTokens(body: Buffer): number {
  return Math.ceil(textTokens(body.length, isAscii(body) ? body.length : body.toString().length))
}

function canonicalTokens(request: CanonicalRequest): number {
  if ('messages' in request) return tokensIn([request.messages, request.tools, request.responseFormat])
  if ('inputs' in request) return tokensIn(request.inputs)
  return 'documents' in request ? tokensIn([request.query, request.documents]) : 0
}
