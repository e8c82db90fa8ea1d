/**
 * The canonical model: neutral forms that every dialect decodes to and encodes from, so that N codecs
 * give N × N pairs. Types only. What a dialect says and this model has no word for rides in
 * `extensions[dialect]` of the nearest object, so that decode → encode in one dialect loses nothing.
 */
import type { GatewayError } from './errors.ts'

/** A parsed JSON object that nobody has checked yet. */
export type JsonObject = { [key: string]: unknown }
/** Wire format of an API: `openai-chat`, `openai-responses`, `anthropic`, `gemini`, `cohere`, `bedrock`. */
export type DialectName = string
/** Fields that only one dialect knows. */
export type Extensions = { [dialect: DialectName]: JsonObject }

/** Where the bytes of an image, audio clip or file are. */
export type Source =
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'base64'; data: string; mediaType: string }
  | { kind: 'text'; text: string; mediaType?: string }
  | { kind: 'file'; id: string }

/** "Cache the prompt up to here"; `ttl` as the dialect writes it, e.g. `5m`. */
export type CacheHint = { ttl?: string }
/** A source that supports a span of the answer's text; offsets count UTF-16 units of it. */
export type Citation = {
  url?: string
  title?: string
  quote?: string
  start?: number
  end?: number
  extensions?: Extensions
}

type PartBase = { cache?: CacheHint; extensions?: Extensions }
export type TextPart = PartBase & { type: 'text'; text: string; citations?: Citation[] }
/** `detail`: how closely to look (`low`, `high`, `auto`). */
export type ImagePart = PartBase & { type: 'image'; source: Source; detail?: string }
export type AudioPart = PartBase & { type: 'audio'; source: Source; transcript?: string }
export type VideoPart = PartBase & { type: 'video'; source: Source }
export type FilePart = PartBase & { type: 'file'; source: Source; name?: string }
/**
 * The model's thinking. `signature` and `redacted` (encrypted thinking; `text` is then '') must go back
 * unchanged in the next turn, to the dialect in `origin`, which alone understands them. `summary`: the text
 * sums the thinking up.
 */
export type ReasoningPart = PartBase & {
  type: 'reasoning'
  text: string
  signature?: string
  redacted?: string
  origin?: DialectName
  summary?: boolean
  id?: string
}
/**
 * `arguments` is the JSON text the model wrote (free text for `custom` tools), `{}` if it wrote none.
 * `signature` (Gemini's `thoughtSignature`) must return on the same part, to the dialect in `origin`.
 */
export type ToolCallPart = PartBase & {
  type: 'tool-call'
  id: string
  name: string
  arguments: string
  kind?: 'function' | 'custom'
  signature?: string
  origin?: DialectName
}
export type ToolResultPart = PartBase & {
  type: 'tool-result'
  callId: string
  name?: string
  content: Part[]
  isError?: boolean
}
export type RefusalPart = PartBase & { type: 'refusal'; text: string }
/** A block that only `dialect` understands, e.g. a server tool's result. In that dialect it goes as it came. */
export type RawPart = PartBase & { type: 'raw'; dialect: DialectName; value: JsonObject }
export type MediaPart = ImagePart | AudioPart | VideoPart | FilePart
export type Part = TextPart | MediaPart | ReasoningPart | ToolCallPart | ToolResultPart | RefusalPart | RawPart

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'
/** One turn. Tool results stand in a `tool` message or, mixed with text, in a `user` message. */
export type Message = { role: Role; parts: Part[]; name?: string; extensions?: Extensions }

/** A function the client can run; `parameters` is a JSON Schema, never touched. */
export type FunctionTool = PartBase & {
  type: 'function'
  name: string
  description?: string
  parameters?: JsonObject
  strict?: boolean
}
/** A tool the provider runs, or of a kind that only `dialect` has. */
export type RawTool = { type: 'raw'; dialect: DialectName; value: JsonObject }
export type Tool = FunctionTool | RawTool
export type ToolChoice =
  | { type: 'auto' | 'none' | 'required' }
  | { type: 'tool'; name: string }
  | { type: 'raw'; dialect: DialectName; value: unknown }

export type ResponseFormat =
  | { type: 'text' | 'json' }
  | {
      type: 'json-schema'
      schema: JsonObject
      name?: string
      description?: string
      strict?: boolean
      extensions?: Extensions
    }

/**
 * How much to think: `effort` (`none`, `low`, `high`, … as written), `budgetTokens`, or `adaptive` (the
 * model decides). A dialect that knows only one derives it. `summary`: wanted form of visible thinking.
 */
export type Reasoning = {
  effort?: string
  budgetTokens?: number
  adaptive?: boolean
  summary?: string
  extensions?: Extensions
}

export interface ChatRequest {
  operation: 'chat'
  /** As the client wrote it; encoding for a target puts the target's own name in. */
  model: string
  stream: boolean
  messages: Message[]
  tools?: Tool[]
  toolChoice?: ToolChoice
  parallelToolCalls?: boolean
  responseFormat?: ResponseFormat
  reasoning?: Reasoning
  /** Output tokens at most, thinking included. */
  maxTokens?: number
  stop?: string[]
  temperature?: number
  topP?: number
  topK?: number
  frequencyPenalty?: number
  presencePenalty?: number
  seed?: number
  /** Number of answers wanted; 1 if absent. */
  n?: number
  logprobs?: boolean
  topLogprobs?: number
  /** Stable id of the end user, for abuse tracking. */
  user?: string
  metadata?: { [key: string]: string }
  serviceTier?: string
  /** Whether a stream should end with usage, where that must be asked for. */
  includeUsage?: boolean
  extensions: Extensions
}

export type FinishKind =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'error'
  | 'other'
/** Why the model stopped: one word for all dialects, and the provider's own. */
export type Finish = { unified: FinishKind; raw?: string; stopSequence?: string }

/**
 * Tokens of one exchange. `input.total` contains cache reads and writes and `output.total` reasoning,
 * whatever the provider's accounting, which `raw` keeps. `estimated`: the gateway counted.
 */
export interface Usage {
  input: { total: number; cacheRead: number; cacheWrite: number; audio?: number; image?: number }
  output: { total: number; reasoning: number; audio?: number; image?: number }
  estimated?: boolean
  /** US dollars, if whoever answered says so, or the client asked the gateway to say. */
  cost?: number
  raw?: JsonObject
}

/** One answer; `logprobs` as the provider wrote them. */
export type Choice = { index: number; parts: Part[]; finish: Finish; logprobs?: unknown; extensions?: Extensions }

export interface ChatResponse {
  operation: 'chat'
  id?: string
  model?: string
  /** Unix seconds. */
  created?: number
  choices: Choice[]
  usage?: Usage
  extensions: Extensions
}

/** Position of a stream part. `block` numbers the texts, thoughts and calls of a choice; no `choice` means 0. */
type At = { block: number; choice?: number }
/** One step of a streamed answer. */
export type StreamPart =
  | { type: 'start'; id?: string; model?: string; created?: number; extensions?: Extensions }
  | (At & { type: 'text-delta'; text: string; logprobs?: unknown; extensions?: Extensions })
  | (At & { type: 'reasoning-delta'; text: string; summary?: boolean })
  | (At & { type: 'reasoning-signature'; signature: string; origin?: DialectName })
  | (At & { type: 'reasoning-redacted'; data: string; origin?: DialectName })
  | (At & { type: 'refusal-delta'; text: string })
  | (At & { type: 'audio-delta'; id?: string; data?: string; transcript?: string; expiresAt?: number })
  | (At & {
      type: 'tool-call-start'
      id: string
      name: string
      kind?: 'function' | 'custom'
      signature?: string
      origin?: DialectName
      extensions?: Extensions
    })
  | (At & { type: 'tool-call-delta'; arguments: string })
  | (At & { type: 'citation'; citation: Citation })
  | { type: 'finish'; finish: Finish; choice?: number; extensions?: Extensions }
  | { type: 'usage'; usage: Usage }
  | { type: 'error'; error: GatewayError }
  | { type: 'raw'; dialect: DialectName; event?: string; value: JsonObject; choice?: number }
