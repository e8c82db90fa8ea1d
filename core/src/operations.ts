/** What may be asked beside chat, in canonical form. Types only, like `model.ts`. */
import type { ChatRequest, ChatResponse, Extensions, JsonObject, Part, Usage } from './model.ts'

/** What is asked of a model in one vendor's form only, which no other one has a word for. */
export type OpaqueOperation =
  | 'moderations'
  | 'images'
  | 'speech'
  | 'transcription'
  | 'files'
  | 'batches'
  | 'passthrough'
  | 'realtime'
/** What is asked: of a model, or (`models`, `operator`) of the gateway itself. */
export type Operation = 'chat' | 'embeddings' | 'rerank' | 'count-tokens' | OpaqueOperation | 'models' | 'operator'
/** How many tokens would this chat cost? */
export type CountTokensRequest = Omit<ChatRequest, 'operation'> & { operation: 'count-tokens' }
/** `estimated`: the gateway counted, because the provider does not. */
export interface CountTokensResponse {
  operation: 'count-tokens'
  inputTokens: number
  estimated?: boolean
  usage?: Usage
  extensions: Extensions
}

export interface EmbeddingsRequest {
  operation: 'embeddings'
  model: string
  stream: boolean
  /** Texts, lists of token ids, or parts that make one embedding together. */
  inputs: (string | number[] | Part[])[]
  dimensions?: number
  /** Forms wanted of each vector: `float`, `base64` (little-endian float32), `int8`, `uint8`, `binary`, `ubinary`. */
  formats?: string[]
  /** What the vectors are for: `query`, `document`, `classification`, `clustering`, or a vendor's own word. */
  purpose?: string
  /** What to do with inputs that are too long: `start` or `end` is cut off, or `none`, a refusal. */
  truncate?: string
  user?: string
  extensions: Extensions
}
/** `values`: the vector in each form asked for; base64 is a string. */
export type Embedding = { index: number; values: { [format: string]: number[] | string } }
export interface EmbeddingsResponse {
  operation: 'embeddings'
  id?: string
  model?: string
  embeddings: Embedding[]
  usage?: Usage
  extensions: Extensions
}

export interface RerankRequest {
  operation: 'rerank'
  model: string
  stream: boolean
  query: string
  documents: (string | JsonObject)[]
  topN?: number
  returnDocuments?: boolean
  maxTokensPerDocument?: number
  extensions: Extensions
}
/** Best first; `index` counts the request's documents. */
export interface RerankResponse {
  operation: 'rerank'
  id?: string
  model?: string
  results: { index: number; score: number; document?: string | JsonObject; extensions?: Extensions }[]
  usage?: Usage
  extensions: Extensions
}

/** The whole body is in `extensions[dialect]`. */
export interface OpaqueRequest {
  operation: OpaqueOperation
  model: string
  stream: boolean
  extensions: Extensions
}
export interface OpaqueResponse {
  operation: OpaqueOperation
  usage?: Usage
  extensions: Extensions
}

/** By operation. */
export type CanonicalRequest = ChatRequest | CountTokensRequest | EmbeddingsRequest | RerankRequest | OpaqueRequest
export type CanonicalResponse =
  | ChatResponse
  | CountTokensResponse
  | EmbeddingsResponse
  | RerankResponse
  | OpaqueResponse
