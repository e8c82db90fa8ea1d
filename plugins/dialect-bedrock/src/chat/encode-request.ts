import type { ChatRequest, JsonObject, RequestContext } from '@sluice/core'
import { defined, ownClaudeRequest } from '@sluice/dialect-kit'
import { kept, nested, spellingOf } from '../extensions.ts'
import { familyOf } from './families.ts'
import { fit, TAKING } from './fit.ts'
import { alternate, encodeMessages } from './messages.ts'
import { REASONING_FORMS, TOP_K_FORMS } from './model-fields.ts'
import type { ReasoningForm, TopKForm } from './model-fields.ts'
import { encodeOutput } from './output.ts'
import { encodeChoice, encodeTools } from './tools.ts'

/**
 * A body for the target. A request of a Bedrock client keeps its form; one of another dialect is first
 * brought to what the model takes, with a report of all that does not go along.
 */
export function encodeRequest(request: ChatRequest, context: RequestContext): JsonObject {
  const own = kept(request)
  const family = familyOf(context.model)
  if (own === undefined) return encode(fit(request, family, context), {}, FOREIGN, family)
  const spelling = spellingOf(request)
  const fitted = ownClaudeRequest(request, TAKING, (param, why) => context.drop(param, why))
  if (request.reasoning !== undefined && spelling.reasoning === undefined && spelling.effort === undefined) {
    // Put there by a plugin: the client's own words would have a form.
    if (family.reasoning === undefined) context.drop('reasoning', `${family.name} has no such parameter`)
  }
  return encode(fitted, own, spelling, { ...family, ...(spelling as Forms) })
}

/** In which words the model's vendor is told what Converse has no field for. */
interface Forms {
  reasoning?: ReasoningForm
  topK?: TopKForm
}

/** What is as if the client had had it. */
const FOREIGN: JsonObject = { messages: true, alternate: true }

/** @param own what was kept of the client's @param spelling which objects were there, and where things were said */
function encode(request: ChatRequest, own: JsonObject, spelling: JsonObject, forms: Forms): JsonObject {
  const { maxTokens, temperature, topP, stop, tools, toolChoice, reasoning, serviceTier, metadata } = request
  const { system, turns } = encodeMessages(request.messages)
  const { effort, ...thinking } = reasoning ?? {}
  const inOutput = spelling.effort === 'outputConfig'
  const object = (name: string, fields: JsonObject): JsonObject | undefined => nested(own[name], fields, spelling[name])
  return {
    ...own,
    ...defined<JsonObject>({
      messages: turns.length > 0 || spelling.messages ? (spelling.alternate ? alternate(turns) : turns) : undefined,
      system,
      inferenceConfig: object('inferenceConfig', { maxTokens, temperature, topP, stopSequences: stop }),
      toolConfig: object('toolConfig', { tools: tools && encodeTools(tools), toolChoice: encodeChoice(toolChoice) }),
      additionalModelRequestFields: object('additionalModelRequestFields', {
        ...reasoningFields(inOutput ? thinking : reasoning, forms),
        ...(request.topK !== undefined && forms.topK && TOP_K_FORMS[forms.topK].write(request.topK)),
      }),
      outputConfig: object('outputConfig', encodeOutput(request.responseFormat, inOutput ? effort : undefined)),
      requestMetadata: metadata,
      serviceTier: serviceTier === undefined ? undefined : { type: serviceTier },
    }),
  }
}

function reasoningFields(reasoning: ChatRequest['reasoning'], forms: Forms): JsonObject {
  if (reasoning === undefined || Object.keys(reasoning).length === 0 || forms.reasoning === undefined) return {}
  return REASONING_FORMS[forms.reasoning].write(reasoning)
}
