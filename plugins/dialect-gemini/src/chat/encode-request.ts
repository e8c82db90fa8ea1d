import type { ChatRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, objectOf, withOwnProofs } from '@sluice/dialect-kit'
import { kept, restore, spellingOf } from '../extensions.ts'
import { encodeContents } from './contents.ts'
import { fit, TAKING } from './fit.ts'
import { encodeConfig } from './generation-config.ts'
import { signed } from './fit-messages.ts'
import { abilitiesOf } from './models.ts'
import type { Abilities } from './models.ts'
import { encodeToolConfig } from './tool-config.ts'
import { encodeTools } from './tools.ts'

/**
 * The body of a `generateContent` for the target. A request of a Gemini client keeps its form; one of
 * another dialect is first brought to what Gemini takes, with a report of all that does not go along.
 */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const own = kept(request)
  const abilities = abilitiesOf(context.model)
  const fitted = own === undefined ? fit(request, abilities, context) : ownRequest(request, abilities, context)
  const spelling = spellingOf(fitted)
  const rest = restore(fitted)
  const { generationConfig, toolConfig } = rest
  if (toolConfig !== null) delete rest.toolConfig
  const { system, contents } = encodeContents(fitted.messages)
  const fields = defined<JsonObject>({
    contents,
    systemInstruction: system,
    tools: fitted.tools && encodeTools(fitted.tools),
    toolConfig: encodeToolConfig(fitted.toolChoice, spelling.toolConfig ?? toolConfig),
    generationConfig: encodeConfig(fitted, objectOf(generationConfig) ?? objectOf(spelling.generationConfig)),
    serviceTier: fitted.serviceTier === 'default' ? 'standard' : fitted.serviceTier,
  })
  return { ...rest, ...fields }
}

/** Calls that others signed get the stand-in where a signature is wanted. */
function ownRequest(request: ChatRequest, abilities: Abilities, context: RequestContext): ChatRequest {
  const messages = withOwnProofs(request, TAKING, (param, why) => context.drop(param, why))
  if (messages === request.messages) return request
  return { ...request, messages: messages.map(({ parts, ...rest }) => ({ ...rest, parts: signed(parts, abilities) })) }
}
