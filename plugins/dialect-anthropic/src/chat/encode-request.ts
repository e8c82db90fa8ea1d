import type { ChatRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, isObject, ownClaudeRequest } from '@sluice/dialect-kit'
import { kept, spellingOf } from '../extensions.ts'
import { DEFAULT_MAX_TOKENS, fit, TAKING } from './fit.ts'
import { alternate, encodeMessages } from './messages.ts'
import { encodeOutput } from './output.ts'
import { encodeThinking } from './thinking.ts'
import { encodeToolChoice, encodeTools } from './tools.ts'

/**
 * A `POST /v1/messages` for the target. A request of an Anthropic client keeps its form; one of another
 * dialect is first brought to what Claude takes, with a report of all that does not go along.
 */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const own = kept(request)
  const drop: RequestContext['drop'] = (param, why) => context.drop(param, why)
  const fitted = own === undefined ? fit(request, context) : ownClaudeRequest(request, TAKING, drop)
  const { system, turns } = encodeMessages(fitted.messages)
  const { reasoning, tools, user } = fitted
  const fields = defined<JsonObject>({
    model: context.model,
    system,
    messages: own === undefined ? alternate(turns) : turns,
    max_tokens: fitted.maxTokens ?? DEFAULT_MAX_TOKENS,
    stream: fitted.stream || spellingOf(request).stream,
    stop_sequences: fitted.stop,
    temperature: fitted.temperature,
    top_p: fitted.topP,
    top_k: fitted.topK,
    tools: tools && encodeTools(tools),
    tool_choice: encodeToolChoice(fitted),
    thinking: reasoning && encodeThinking(reasoning),
    metadata: user === undefined ? undefined : { ...(isObject(own?.metadata) && own.metadata), user_id: user },
    service_tier: fitted.serviceTier,
  })
  return { ...own, ...fields, ...encodeOutput(own ?? {}, reasoning?.effort, fitted.responseFormat) }
}
