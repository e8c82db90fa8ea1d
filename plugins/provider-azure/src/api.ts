/** What Azure has of OpenAI's APIs, and where it strays from them. */
import type { WireProvider } from '@sluice/core'
import { adapter, THOUGHT_FIELDS } from '@sluice/provider-kit'
import type { Quirks } from '@sluice/provider-kit'
import { isDated } from './places.ts'

type Adapt = NonNullable<WireProvider['adapt']>

/** OpenAI's paths, by dialect and operation. */
const PATHS: { readonly [dialect: string]: { readonly [operation: string]: string } } = {
  'openai-chat': {
    chat: '/chat/completions',
    embeddings: '/embeddings',
    images: '/images/generations',
    speech: '/audio/speech',
  },
  'openai-responses': { chat: '/responses' },
  'openai-completions': { chat: '/completions' },
}

/** Undefined for what Azure does not have. */
export function pathOf(operation: string, dialect: string): string | undefined {
  return PATHS[dialect]?.[operation]
}

/** The first version of the API of deployments with Responses. */
const RESPONSES = '2025-03-01'

/** Dialects besides those for chat: of what passes unread, the paths are the client's. */
const OTHERS = ['openai-completions', 'openai-images', 'openai-audio', 'openai-files']

/** What is spoken besides `openai-chat`. Azure does not count tokens. */
export function dialectsOf(version: string): string[] {
  const hasResponses = !isDated(version) || version >= RESPONSES
  const others = isDated(version) ? OTHERS : [...OTHERS, 'openai-realtime']
  return hasResponses ? ['openai-responses', ...others] : others
}

export function adaptFor(version: string): Adapt {
  const isOld = isDated(version) && version < MODERN
  const chat = adapter(isOld ? { ...QUIRKS, ...OLD_QUIRKS } : QUIRKS)
  const embeddings = adapter({ unsupported: isDated(version) ? ['truncate'] : ['input_type', 'truncate'] })
  return (body, drop, request) => {
    if (request.dialect === 'openai-responses') return body
    return (request.operation === 'embeddings' ? embeddings : chat)(body, drop)
  }
}

/** Azure shows no thoughts, and models differ in whether they take unknown fields of messages. */
const QUIRKS: Quirks = { unsupportedInMessages: THOUGHT_FIELDS }

/** The first version that knows these three. */
const MODERN = '2024-09-01'
const OLD_QUIRKS: Quirks = {
  rename: { max_completion_tokens: 'max_tokens' },
  unsupported: ['parallel_tool_calls', 'stream_options'],
}
