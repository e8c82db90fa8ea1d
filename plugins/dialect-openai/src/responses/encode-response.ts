/** A canonical response → the body of a whole answer. */
import type { ChatResponse, JsonObject, ReplyContext } from '@sluice/core'
import { defined } from '@sluice/dialect-kit'
import { restore, spellingOf } from '../kept.ts'
import { now } from '../now.ts'
import { echoOf } from './echo.ts'
import { keptIn } from './extensions.ts'
import { encodeFinish } from './finish.ts'
import { responseId } from './ids.ts'
import { encodeOutput } from './output.ts'
import { encodeUsage } from './usage.ts'

/**
 * A response that came in this dialect goes back as it came; of another one it gets OpenAI's whole form.
 * This API gives one answer: further choices are left out.
 */
export function encodeResponse(response: ChatResponse, context: ReplyContext): JsonObject {
  const { id, created, model, usage } = response
  const choice = response.choices[0] ?? { index: 0, parts: [], finish: { unified: 'other' as const } }
  const kept = keptIn(response)
  const own = kept !== undefined
  const finish = spellingOf(kept).status === 'absent' ? {} : encodeFinish(choice.finish, own)
  return {
    ...(own ? restore(kept) : { ...envelope(context, created), completed_at: now() }),
    ...defined({ id: own ? id : undefined, created_at: created, model }),
    ...finish,
    output: encodeOutput(choice, context),
    ...(usage && { usage: encodeUsage(usage, own) }),
  }
}

/** A response of the gateway's own, but for what the model says. @param created Unix seconds */
export function envelope(context: ReplyContext, created = now()): JsonObject {
  return {
    id: responseId(context),
    object: 'response',
    created_at: created,
    status: 'in_progress',
    ...echoOf(context.request),
    model: context.model,
    output: [],
    usage: null,
  }
}
