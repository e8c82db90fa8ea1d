/**
 * Fallbacks that clients ask for: the field `models` of chat completions, as OpenRouter has it
 * (https://openrouter.ai/docs/features/model-routing).
 */
import { didYouMean, exchangeKey, GatewayError, invalidRequest } from '@sluice/core'
import type { CanonicalRequest, ErrorCode, Exchange, Gateway, Target } from '@sluice/core'

const DIALECT = 'openai-chat'
const FIELD = 'models'

const WISHES = exchangeKey<readonly string[]>('route-resilience/wishes')
/** Set for requests that only find out whether a caller may use a model. */
const ASKING = exchangeKey<true>('route-resilience/asking')
const NONE: readonly string[] = []

/** The models that the client wants to be asked beside the one it named. */
export function wishesOf(exchange: Exchange): readonly string[] {
  return exchange.get(WISHES) ?? NONE
}

export function hasWishes(exchange: Exchange): boolean {
  const { dialect, operation, raw, body } = exchange
  const isChat = dialect.name === DIALECT && operation === 'chat' && !raw && body.length > 0
  return isChat && exchange.json[FIELD] !== undefined
}

export interface WishesSettings {
  gateway: Gateway
  findTargets: (model: string, exchange: Exchange) => readonly Target[] | undefined
  /** Models in one list. */
  most: number
}

/**
 * Takes the field out of the request: no upstream shall choose by it.
 * @throws GatewayError `invalid_request`, `model_not_found`, and as the caller would be refused each of the models
 */
export async function takeWishes(
  request: CanonicalRequest,
  exchange: Exchange,
  settings: WishesSettings,
): Promise<CanonicalRequest> {
  const models = readWishes(exchange.json[FIELD], settings.most).filter((model) => model !== exchange.model)
  for (const model of models) if (!settings.findTargets(model, exchange)) throw unknown(model, settings.gateway)
  await Promise.all(models.map((model) => checkUse(model, exchange, settings.gateway)))
  exchange.set(WISHES, models)
  const { [FIELD]: _, ...rest } = request.extensions[DIALECT] ?? {}
  return { ...request, extensions: { ...request.extensions, [DIALECT]: rest } }
}

function readWishes(value: unknown, most: number): string[] {
  if (value === null) return []
  if (!Array.isArray(value)) throw invalidRequest(`"${FIELD}" must be a list of models.`, FIELD)
  if (value.length > most) throw invalidRequest(`"${FIELD}" may list ${most} models.`, FIELD)
  return value.map((model: unknown, index) => {
    if (typeof model === 'string' && model !== '') return model
    throw invalidRequest(`"${FIELD}[${index}]" must be the name of a model.`, `${FIELD}[${index}]`)
  })
}

function unknown(model: string, gateway: Gateway): GatewayError {
  const guess = didYouMean(
    model,
    gateway.models().map(({ name }) => name),
  )
  return new GatewayError('model_not_found', `The model "${model}" does not exist here.${guess}`, { param: FIELD })
}

const ASKED = new GatewayError('client_closed', 'This only asked whether a model may be used.')

/** For `transformRequest`: whether the caller may use the model is known then. */
export const isAsking = (exchange: Exchange): boolean => exchange.get(ASKING) === true
export function stopAsking(): never {
  throw ASKED
}

const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'invalid_api_key',
  'permission_denied',
  'model_not_found',
  'invalid_request',
  'plugin_error',
])

/** @throws GatewayError as whoever authorizes requests for the model says it */
async function checkUse(model: string, parent: Exchange, gateway: Gateway): Promise<void> {
  const { principal } = parent
  const request = { operation: 'chat' as const, model, stream: false, messages: [], extensions: {} }
  const begin = (exchange: Exchange): void => {
    exchange.set(ASKING, true)
    // Whatever comes of it, no upstream is called.
    exchange.abort(ASKED)
  }
  try {
    await gateway.dispatch(request, { parent, principal, begin })
  } catch (error) {
    // A limit that is used up says nothing about permission: the request itself has passed it.
    if (!GatewayError.is(error) || REFUSALS.has(error.code)) throw error
  }
}
