/**
 * InvokeModel and InvokeModelWithResponseStream: bodies in the words of the model's own vendor, which pass
 * unread (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html).
 */
import type { RawCodec } from '@sluice/core'
import { actionOf, modelIn } from './endpoints.ts'

/** Where the path of a raw request leaves room for the name of the target's model, which is chosen later. */
const MODEL = '{model}'

/** In every body for Claude, and in no other's. */
const CLAUDE_FIELD = '"anthropic_version"'

export const invoke: RawCodec = {
  locate(request, head, whole) {
    // A signature is of the body as a whole.
    if (!whole) return undefined
    const model = modelIn(request)
    const action = actionOf(request.path)
    // Claude's whole answers are Anthropic's; Nova's are those of Converse, and what is a stream is framed like one.
    const isClaudes = action === 'invoke' && head.includes(CLAUDE_FIELD)
    return {
      model,
      path: `/model/${MODEL}/${action}`,
      reads: 'chat',
      ...(isClaudes && { dialect: 'anthropic' }),
    }
  },
}
