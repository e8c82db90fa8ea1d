import type { ChatRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, withOwnProofs } from '@sluice/dialect-kit'
import { kept, restore, spellingOf } from '../extensions.ts'
import { fit } from './fit.ts'
import { encodeMessages } from './messages.ts'
import { TAKING } from './proof.ts'
import { encodeResponseFormat } from './response-format.ts'
import { encodeThinking } from './thinking.ts'
import { encodeToolChoice, encodeTools, offered, strictnessOf } from './tools.ts'

/**
 * A `POST /v2/chat` for the target. A request of a Cohere client keeps its form; one of another dialect is
 * first brought to what Cohere takes, with a report of all that does not go along.
 */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const isOwn = kept(request) !== undefined
  const messages = withOwnProofs(request, TAKING, (param, why) => context.drop(param, why))
  const fitted = isOwn ? { ...request, messages } : fit({ ...request, messages }, context)
  const conversation = encodeMessages(fitted.messages)
  const { tools, toolChoice, responseFormat, reasoning } = fitted
  const fields = defined<JsonObject>({
    model: context.model,
    messages: conversation.messages,
    documents: conversation.documents.length > 0 ? conversation.documents : undefined,
    stream: fitted.stream || spellingOf(request).stream,
    tools: tools && encodeTools(offered(tools, toolChoice)),
    strict_tools: tools && strictnessOf(tools),
    tool_choice: toolChoice && encodeToolChoice(toolChoice),
    response_format: responseFormat && encodeResponseFormat(responseFormat),
    thinking: reasoning && encodeThinking(reasoning, (param, why) => context.drop(param, why)),
    max_tokens: fitted.maxTokens,
    stop_sequences: fitted.stop,
    temperature: fitted.temperature,
    p: fitted.topP,
    k: fitted.topK,
    seed: fitted.seed,
    frequency_penalty: fitted.frequencyPenalty,
    presence_penalty: fitted.presencePenalty,
    logprobs: fitted.logprobs,
  })
  return { ...restore(request), ...fields }
}
