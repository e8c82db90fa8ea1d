import type { Api } from './api.ts'
import { readMessagesRequest } from './oracle/anthropic-question.ts'
import type { Json } from './oracle/json.ts'
import { readChatRequest } from './oracle/openai-question.ts'
import type { Question } from './oracle/question.ts'

/** Reads a request as an upstream of the API does. */
export const readQuestion: { readonly [api in Api]: (body: Json) => Question } = {
  openai: readChatRequest,
  anthropic: readMessagesRequest,
}
