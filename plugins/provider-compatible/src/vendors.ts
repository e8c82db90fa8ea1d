/**
 * Who speaks the OpenAI Chat Completions API, and where each one strays from it. A vendor is a line here;
 * what its documentation does not say it refuses is left to the vendor to refuse.
 */
import { THOUGHT_FIELDS } from '@sluice/provider-kit'
import type { Quirks } from '@sluice/provider-kit'

export interface Vendor {
  /** As the vendor's documentation gives it to OpenAI's SDKs; '' if only the operator knows. */
  baseUrl: string
  /** Environment variable in which the vendor's own tools look for the key; absent if none is needed. */
  env?: string
  quirks?: Quirks
}

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

export const VENDORS = {
  cerebras: {
    baseUrl: 'https://api.cerebras.ai/v1',
    env: 'CEREBRAS_API_KEY',
    quirks: { roles, unsupportedInMessages: OTHER_THOUGHTS },
  },
  deepseek: { baseUrl: 'https://api.deepseek.com', env: 'DEEPSEEK_API_KEY', quirks: { roles, rename } },
  fireworks: { baseUrl: 'https://api.fireworks.ai/inference/v1', env: 'FIREWORKS_API_KEY', quirks: { roles, rename } },
  groq: {
    baseUrl: 'https://api.groq.com/openai/v1',
    env: 'GROQ_API_KEY',
    quirks: { roles, unsupported: GROQ_REFUSES, unsupportedInMessages: OTHER_THOUGHTS },
  },
  huggingface: { baseUrl: 'https://router.huggingface.co/v1', env: 'HF_TOKEN', quirks: { roles, rename } },
  mistral: {
    baseUrl: 'https://api.mistral.ai/v1',
    env: 'MISTRAL_API_KEY',
    quirks: {
      roles,
      rename: { ...rename, seed: 'random_seed' },
      unsupported: MISTRAL_REFUSES,
      unsupportedInMessages: THOUGHT_FIELDS,
    },
  },
  nvidia: { baseUrl: 'https://integrate.api.nvidia.com/v1', env: 'NVIDIA_API_KEY', quirks: { roles, rename } },
  openrouter: { baseUrl: 'https://openrouter.ai/api/v1', env: 'OPENROUTER_API_KEY' },
  perplexity: { baseUrl: 'https://api.perplexity.ai', env: 'PERPLEXITY_API_KEY', quirks: { roles, rename } },
  sambanova: { baseUrl: 'https://api.sambanova.ai/v1', env: 'SAMBANOVA_API_KEY', quirks: { roles, rename } },
  together: { baseUrl: 'https://api.together.xyz/v1', env: 'TOGETHER_API_KEY', quirks: { roles, rename } },
  xai: { baseUrl: 'https://api.x.ai/v1', env: 'XAI_API_KEY', quirks: { roles } },

  // On the operator's own machines: no key, and the address is that of a fresh installation.
  llamacpp: { baseUrl: 'http://127.0.0.1:8080/v1', quirks: { roles, rename } },
  lmstudio: { baseUrl: 'http://127.0.0.1:1234/v1', quirks: { roles, rename } },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1', quirks: { roles, rename } },
  vllm: { baseUrl: 'http://127.0.0.1:8000/v1', quirks: { roles } },

  custom: { baseUrl: '' },
} as const satisfies { readonly [name: string]: Vendor }

export type VendorName = keyof typeof VENDORS
