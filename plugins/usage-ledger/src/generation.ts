/** `GET /v1/generation`: what one exchange used, for whoever made it, in OpenRouter's form. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { Exchange, JsonObject, PluginRouter, Principal } from '@sluice/core'
import type { Row } from '@sluice/store-kit'
import { dollars } from '@sluice/usage-kit'
import type { Ledger } from '@sluice/usage-kit'
import { PERMISSION } from './query.ts'

const ABOUT: JsonObject = {
  operationId: 'generation.get',
  summary: 'Show what one of your requests used.',
  tags: ['usage'],
  parameters: [
    {
      in: 'query',
      name: 'id',
      required: true,
      description: 'What the reply said in `x-request-id`.',
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: { description: 'Done.', content: { 'application/json': { schema: { type: 'object' } } } },
    default: { $ref: '#/components/responses/Error' },
  },
}

/** Whoever may ask a model may ask what it used: the rows of others are closed to them. */
export function mountGeneration(router: PluginRouter, ledger: Ledger): void {
  router.get('/v1/generation', { permission: 'authenticated', about: ABOUT }, async (context, exchange) => {
    context.body = { data: await generationFor(exchange, ledger) }
  })
}

async function generationFor({ start, principal }: Exchange, ledger: Ledger): Promise<JsonObject> {
  const id = new URLSearchParams(start.search).get('id')
  if (!id || id.length > 100) throw invalidRequest('"id" is missing: send what the reply said in x-request-id.', 'id')
  const row = await ledger.find(id)
  if (!row || !isOwn(row, principal))
    throw new GatewayError('not_found', 'You have made no such request.', { param: 'id' })
  return view(row)
}

function isOwn({ data }: Row, { id, key, permissions = [] }: Principal): boolean {
  if (permissions.includes('*') || permissions.includes(PERMISSION)) return true
  return key === undefined ? data['key'] === undefined && data['principal'] === id : data['key'] === key
}

/** https://openrouter.ai/docs/api-reference/get-a-generation; what is not known is null. */
function view({ id, time, data }: Row): JsonObject {
  const count = (...fields: string[]): number => fields.reduce((sum, field) => sum + Number(data[field] ?? 0), 0)
  const cost = data['costNanoUsd']
  const totalCost = typeof cost === 'number' ? dollars(cost) : null
  const prompt = count('inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'audioTokens', 'imageTokens')
  const completion = count('outputTokens', 'reasoningTokens', 'outputAudioTokens', 'outputImageTokens')
  const latency = data['ttftMs'] ?? null
  return {
    id,
    created_at: new Date(time).toISOString(),
    model: data['model'] ?? null,
    provider_name: data['provider'] ?? null,
    total_cost: totalCost,
    usage: totalCost,
    streamed: data['stream'],
    cancelled: data['outcome'] === 'client_closed',
    latency,
    generation_time: latency === null ? null : count('durationMs') - Number(latency),
    tokens_prompt: prompt,
    tokens_completion: completion,
    native_tokens_prompt: prompt,
    native_tokens_completion: completion,
    native_tokens_reasoning: count('reasoningTokens'),
    native_tokens_cached: count('cacheReadTokens'),
    api_type: data['operation'],
    finish_reason: null,
    upstream_id: null,
    is_byok: false,
  }
}
