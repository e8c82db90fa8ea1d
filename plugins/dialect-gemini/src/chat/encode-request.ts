import type { ChatRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, objectOf } from '@sluice/dialect-kit'
import { kept, restore, spellingOf } from '../extensions.ts'
import { encodeContents } from './contents.ts'
import { fit } from './fit.ts'
import { encodeConfig } from './generation-config.ts'
import { abilitiesOf } from './models.ts'
import { withOwnProofs } from './own-proofs.ts'
import { encodeToolConfig } from './tool-config.ts'
import { encodeTools } from './tools.ts'

/**
 * The body of a `generateContent` for the target. A request of a Gemini client keeps its form; one of
 * another dialect is first brought to what Gemini takes, with a report of all that does not go along.
 */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const own = kept(request)
  const abilities = abilitiesOf(context.model)
  const fitted = own === undefined ? fit(request, abilities, context) : request
  const spelling = spellingOf(fitted)
  const rest = restore(fitted)
  const { generationConfig, toolConfig } = rest
  if (toolConfig !== null) delete rest.toolConfig
  const { system, contents } = encodeContents(
    own === undefined ? fitted.messages : withOwnProofs(fitted.messages, abilities),
  )
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
