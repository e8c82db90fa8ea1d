/**
 * Who speaks APIs modelled on OpenAI's, what each one offers, and where it strays from them. A vendor is a line
 * here; what its documentation does not say it refuses is left to the vendor to refuse.
 */
import { THOUGHT_FIELDS } from '@sluice/provider-kit'
import type { Quirks } from '@sluice/provider-kit'
import type { Offer } from './offers.ts'
import type { Words } from './words.ts'

export interface Vendor {
  /** As the vendor's documentation gives it to OpenAI's SDKs; '' if only the operator knows. */
  baseUrl: string
  /** Environment variable in which the vendor's own tools look for the key; absent if none is needed. */
  env?: string
  offers: readonly Offer[]
  /** Of chats. */
  quirks?: Quirks
  /** Of embeddings. Default: those of `PLAIN`. */
  embeddings?: EmbeddingQuirks
}

/** Applied after `words`. */
export type EmbeddingQuirks = Quirks & { words?: Words }

/** Only OpenAI and those that pass requests on to it tell developers from the system. */
const roles = { developer: 'system' }
/** The limit has its first name, and no other. */
const rename = { max_completion_tokens: 'max_tokens' }

/** What Mistral's own clients know no word for; anything unknown is refused with 422 `extra_forbidden`. */
const MISTRAL_REFUSES = ['logit_bias', 'logprobs', 'service_tier', 'store', 'top_logprobs', 'user']
/** https://console.groq.com/docs/openai: refused with 400. */
const GROQ_REFUSES = ['logit_bias', 'logprobs', 'top_logprobs']
/** Cerebras and Groq have another name for thoughts: `property 'reasoning_content' is unsupported`. */
const OTHER_THOUGHTS = ['reasoning_content', 'reasoning_details']

/** What vectors are for and what happens to long inputs has no word in OpenAI's API. */
export const PLAIN: EmbeddingQuirks = { unsupported: ['input_type', 'truncate'] }
/** https://docs.mistral.ai/api: what is unknown is refused. */
const MISTRAL_VECTORS: EmbeddingQuirks = {
  rename: { dimensions: 'output_dimension' },
  unsupported: ['input_type', 'truncate', 'user'],
}
/** https://docs.api.nvidia.com/nim/reference: models for retrieval insist on `input_type`. */
const NVIDIA_VECTORS: EmbeddingQuirks = {
  words: {
    input_type: { query: 'query', document: 'passage' },
    truncate: { start: 'START', end: 'END', none: 'NONE' },
  },
}
/** https://docs.voyageai.com/reference/embeddings-api: floats are what comes unasked, and have no word. */
const VOYAGE_VECTORS: EmbeddingQuirks = {
  words: {
    input_type: { query: 'query', document: 'document' },
    truncate: { end: true, none: false },
    encoding_format: { base64: 'base64', float: undefined },
  },
  rename: { dimensions: 'output_dimension', truncate: 'truncation' },
  unsupported: ['user'],
}
/** https://api.jina.ai/redoc */
const JINA_VECTORS: EmbeddingQuirks = {
  words: {
    input_type: {
      query: 'retrieval.query',
      document: 'retrieval.passage',
      classification: 'classification',
      clustering: 'separation',
      similarity: 'text-matching',
    },
    truncate: { end: true, none: false },
  },
  rename: { input_type: 'task', encoding_format: 'embedding_type' },
  unsupported: ['user'],
}

/** What an upstream may have that clients could get nowhere else: it is asked, and refuses what it has not. */
const ANYTHING: readonly Offer[] = [
  'chat',
  'embeddings',
  'rerank',
  'moderations',
  'images',
  'image-edits',
  'speech',
  'transcription',
  'files',
]

export const VENDORS = {
  cerebras: {
    baseUrl: 'https://api.cerebras.ai/v1',
    env: 'CEREBRAS_API_KEY',
    offers: ['chat', 'completions'],
    quirks: { roles, unsupportedInMessages: OTHER_THOUGHTS },
  },
  deepseek: {
    baseUrl: 'https://api.deepseek.com',
    env: 'DEEPSEEK_API_KEY',
    offers: ['chat'],
    quirks: { roles, rename },
  },
  fireworks: {
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    env: 'FIREWORKS_API_KEY',
    offers: ['chat', 'completions', 'embeddings'],
    quirks: { roles, rename },
  },
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    env: 'GROQ_API_KEY',
    offers: ['chat', 'responses', 'speech', 'transcription', 'files'],
    quirks: { roles, unsupported: GROQ_REFUSES, unsupportedInMessages: OTHER_THOUGHTS },
  },
  huggingface: {
    baseUrl: 'https://router.huggingface.co/v1',
    env: 'HF_TOKEN',
    offers: ['chat', 'responses'],
    quirks: { roles, rename },
  },
  jina: {
    baseUrl: 'https://api.jina.ai/v1',
    env: 'JINA_API_KEY',
    offers: ['embeddings', 'rerank'],
    embeddings: JINA_VECTORS,
  },
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    env: 'MISTRAL_API_KEY',
    offers: ['chat', 'embeddings', 'moderations', 'transcription'],
    quirks: {
      roles,
      rename: { ...rename, seed: 'random_seed' },
      unsupported: MISTRAL_REFUSES,
      unsupportedInMessages: THOUGHT_FIELDS,
    },
    embeddings: MISTRAL_VECTORS,
  },
  nvidia: {
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    env: 'NVIDIA_API_KEY',
    offers: ['chat', 'embeddings'],
    quirks: { roles, rename },
    embeddings: NVIDIA_VECTORS,
  },
  openrouter: {
    baseUrl: 'https://openrouter.ai/api/v1',
    env: 'OPENROUTER_API_KEY',
    offers: ['chat', 'responses', 'completions', 'embeddings', 'rerank'],
  },
  perplexity: {
    baseUrl: 'https://api.perplexity.ai',
    env: 'PERPLEXITY_API_KEY',
    offers: ['chat'],
    quirks: { roles, rename },
  },
  sambanova: {
    baseUrl: 'https://api.sambanova.ai/v1',
    env: 'SAMBANOVA_API_KEY',
    offers: ['chat', 'embeddings'],
    quirks: { roles, rename },
  },
  together: {
    baseUrl: 'https://api.together.xyz/v1',
    env: 'TOGETHER_API_KEY',
    offers: ['chat', 'completions', 'embeddings', 'rerank', 'images', 'speech', 'transcription'],
    quirks: { roles, rename },
  },
  voyage: {
    baseUrl: 'https://api.voyageai.com/v1',
    env: 'VOYAGE_API_KEY',
    offers: ['embeddings', 'voyage-rerank'],
    embeddings: VOYAGE_VECTORS,
  },
  xai: {
    baseUrl: 'https://api.x.ai/v1',
    env: 'XAI_API_KEY',
    offers: ['chat', 'responses', 'images'],
    quirks: { roles },
  },

  // On the operator's own machines: no key, and the address is that of a fresh installation.
  llamacpp: {
    baseUrl: 'http://127.0.0.1:8080/v1',
    offers: ['chat', 'completions', 'embeddings', 'rerank'],
    quirks: { roles, rename },
  },
  lmstudio: {
    baseUrl: 'http://127.0.0.1:1234/v1',
    offers: ['chat', 'responses', 'completions', 'embeddings'],
    quirks: { roles, rename },
  },
  ollama: {
    baseUrl: 'http://127.0.0.1:11434/v1',
    offers: ['chat', 'responses', 'completions', 'embeddings'],
    quirks: { roles, rename },
  },
  vllm: {
    baseUrl: 'http://127.0.0.1:8000/v1',
    offers: ['chat', 'responses', 'completions', 'embeddings', 'rerank', 'transcription'],
    quirks: { roles },
  },

  custom: { baseUrl: '', offers: ANYTHING },
} as const satisfies { readonly [name: string]: Vendor }

export type VendorName = keyof typeof VENDORS
