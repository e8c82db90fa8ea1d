/** OpenAI's APIs: where each one is, and what it does not take. */
import type { Operation, WireProvider } from '@sluice/core'
import { adapter, THOUGHT_FIELDS } from '@sluice/provider-kit'

/** By the dialect in which they are spoken to: the paths by operation. Forms and files, which pass unread, bring their own. */
const PATHS: { readonly [dialect: string]: { readonly [operation in Operation]?: string } } = {
  'openai-chat': {
    chat: '/chat/completions',
    embeddings: '/embeddings',
    moderations: '/moderations',
    images: '/images/generations',
    speech: '/audio/speech',
  },
  'openai-responses': { chat: '/responses' },
  'openai-completions': { chat: '/completions' },
  'openai-input-tokens': { 'count-tokens': '/responses/input_tokens' },
}

/** Dialects beside those of the two APIs for chat. */
const OTHERS = [
  'openai-completions',
  'openai-input-tokens',
  'openai-images',
  'openai-audio',
  'openai-files',
  'openai-realtime',
]

/** The dialects that OpenAI speaks, the one of `api` first: clients of others are translated to it. */
export function dialectsOf(api: 'chat' | 'responses'): { dialect: string; also: readonly string[] } {
  const [dialect, sibling] = api === 'chat' ? CHATS : CHATS.toReversed()
  return { dialect: dialect!, also: [sibling!, ...OTHERS] }
}

const CHATS = ['openai-chat', 'openai-responses']

export function pathOf(operation: Operation, dialect: string): string | undefined {
  return PATHS[dialect]?.[operation]
}

/** It shows no thoughts in chats, and models differ in whether they take unknown fields of messages. */
const adaptChat = adapter({ unsupportedInMessages: THOUGHT_FIELDS })
/** What vectors are for is no matter to OpenAI's models, and what is too long is refused. */
const adaptEmbeddings = adapter({ unsupported: ['input_type', 'truncate'] })

export const adapt: NonNullable<WireProvider['adapt']> = (body, drop, request) => {
  if (request.dialect !== 'openai-chat') return body
  if (request.operation === 'chat') return adaptChat(body, drop)
  return request.operation === 'embeddings' ? adaptEmbeddings(body, drop) : body
}
