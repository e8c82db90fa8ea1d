/** What a provider offers, found by asking it for everything. */
import { codecOf } from '@sluice/core'
import type { AnyCodec, CanonicalRequest, Dialect, Operation, Provider, WireProvider } from '@sluice/core'
import type { MockUpstream } from '@sluice/core/testing'
import { ask } from '../translation/features/build.ts'
import type { Additions } from './additions.ts'

export const OPERATIONS = [
  'chat',
  'embeddings',
  'rerank',
  'count-tokens',
  'moderations',
  'images',
  'speech',
  'transcription',
  'files',
  'batches',
  'realtime',
] as const satisfies readonly Operation[]

/** Some hosts tell by a model's name what it can do. */
const MODELS: { readonly [operation in Operation]?: string } = {
  embeddings: 'cohere.embed-english-v3',
  rerank: 'cohere.rerank-v3-5',
}
const modelFor = (operation: Operation): string => MODELS[operation] ?? 'model-1'

/** One form in which an operation may be asked of a provider: a dialect's, or the gateway's own. */
export interface Form {
  dialect: string
  isStreamed: boolean
}

export type Offers = ReadonlyMap<(typeof OPERATIONS)[number], readonly Form[]>

/** @param upstream where the provider sends what it offers */
export async function offersOf(
  id: string,
  provider: Provider,
  { gateway, dialects }: Additions,
  upstream: MockUpstream,
): Promise<Offers> {
  const offers = new Map<(typeof OPERATIONS)[number], Form[]>()
  for (const operation of OPERATIONS) {
    if (provider.kind === 'wire') offers.set(operation, await formsOf(provider, operation, dialects, upstream))
    else if (await answers(gateway, id, operation))
      offers.set(operation, [{ dialect: 'every dialect', isStreamed: operation === 'chat' }])
  }
  return offers
}

async function formsOf(
  provider: WireProvider,
  operation: Operation,
  dialects: readonly Dialect[],
  upstream: MockUpstream,
): Promise<Form[]> {
  const forms: Form[] = []
  for (const name of [provider.dialect, ...(provider.also ?? [])]) {
    const dialect = dialects.find((each) => each.name === name)
    const codec = dialect && codecOf(dialect, operation)
    const isRaw = dialect?.raw?.[operation] !== undefined
    if (isRaw) forms.push({ dialect: name, isStreamed: false })
    if (codec === undefined || !(await calls(provider, name, codec, operation, false, upstream))) continue
    const isStreamed = codec.stream !== undefined && (await calls(provider, name, codec, operation, true, upstream))
    forms.push({ dialect: name, isStreamed })
  }
  return forms
}

/** Whether a call of the provider reaches its upstream. */
async function calls(
  provider: WireProvider,
  dialect: string,
  codec: AnyCodec,
  operation: Operation,
  stream: boolean,
  upstream: MockUpstream,
): Promise<boolean> {
  const before = upstream.requests.length
  const model = modelFor(operation)
  const context = { model, drop: () => undefined }
  const body = Buffer.from(JSON.stringify(codec.encodeRequest(sampleOf(operation, dialect, stream), context)))
  const timeouts = { connect: 5000, firstByte: 5000, idle: 5000, total: 5000 }
  const call = provider.send({
    operation,
    dialect,
    model,
    stream,
    headers: {},
    body,
    timeouts,
    codec: codec.stream,
    raw: undefined,
  })
  await call.reply.catch(() => undefined)
  return upstream.requests.length > before
}

/** Whether the gateway gives an answer itself. */
async function answers(gateway: Additions['gateway'], id: string, operation: Operation): Promise<boolean> {
  const request = { ...sampleOf(operation, 'none', false), model: `${id}/${id}` }
  const answer = await gateway.gateway.dispatch(request).catch(() => undefined)
  return answer !== undefined && !('estimated' in answer)
}

function sampleOf(operation: Operation, dialect: string, stream: boolean): CanonicalRequest {
  const common = { model: modelFor(operation), stream, extensions: {} }
  switch (operation) {
    case 'chat':
      return { ...ask(), ...common, operation }
    case 'count-tokens':
      return { ...ask(), ...common, operation }
    case 'embeddings':
      return { ...common, operation, inputs: ['Rome'] }
    case 'rerank':
      return { ...common, operation, query: 'Rome', documents: ['Rome', 'Paris'] }
    case 'models':
    case 'operator':
      throw new Error(`Nobody is asked for ${operation}.`)
    default:
      return { ...common, operation, extensions: { [dialect]: { model: 'model-1', input: 'Rome' } } }
  }
}
