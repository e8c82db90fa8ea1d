/** `sluice explain`: what a running gateway would do with a request. */
import type { JsonObject } from '../model.ts'
import { AdminClient } from './admin-client.ts'
import { shownReply } from './admin-print.ts'
import { readJson } from './admin-values.ts'
import { describeExplained } from './explained.ts'
import type { Explained } from './explained.ts'
import type { GatewayFlags } from './gateway-flags.ts'
import { say } from './report.ts'
import { UsageError } from './usage-error.ts'

export type ExplainFlags = GatewayFlags & { model?: string; message: string; keyId?: string; json?: string }

/** No model is asked. @throws GatewayError as the gateway refuses, UsageError */
export async function explain(flags: ExplainFlags): Promise<void> {
  const { keyId, output, url, key } = flags
  const body = { request: requestOf(flags), ...(keyId !== undefined && { as: keyId }) }
  const reply = await new AdminClient(url, key).call(
    { method: 'post', path: '/admin/v1/explain' },
    { params: [], query: [], headers: {}, body },
  )
  const isReport = typeof reply.body === 'object' && Array.isArray(reply.body['candidates'])
  say(output === 'text' && isReport ? describeExplained(reply.body as Explained) : shownReply(reply, output))
}

/** In the form of OpenAI's chat completions. */
function requestOf({ model, message, json }: ExplainFlags): JsonObject {
  const given = json === undefined ? { messages: [{ role: 'user', content: message }] } : readJson(json)
  const whole = model === undefined ? given : { ...given, model }
  if (!('model' in whole)) throw new UsageError('A model is needed: --model.')
  return whole
}
