/** A dialect with every operation, whose wire format is the canonical model itself; uploads and the like pass unread. */
import { BYTES, GatewayError } from '@sluice/core'
import type {
  AnyCodec,
  CanonicalRequest,
  CanonicalResponse,
  Dialect,
  Operation,
  RawCodec,
  StreamCodec,
  StreamPart,
  StreamReader,
} from '@sluice/core'

/** One part in one line of JSON. Bytes come in whole lines here. */
function reader(): StreamReader {
  return {
    push: (chunk, out) =>
      void out.push(
        ...chunk
          .toString()
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as StreamPart),
      ),
    end: () => true,
  }
}

const stream: StreamCodec = {
  ...BYTES,
  contentType: 'application/x-toy',
  reader,
  skimmer: () => ({ ...reader(), share: 1 }),
  writer: () => ({ push: (part) => `${JSON.stringify(part)}\n`, end: () => '' }),
}

function codec(operation: Operation): AnyCodec {
  return {
    stream,
    inspect: ({ model, stream: wanted }) => ({ model: String(model), stream: wanted === true }),
    withModel: (bytes, model) => Buffer.from(JSON.stringify({ ...(JSON.parse(bytes.toString()) as object), model })),
    decodeRequest: (body) => ({ extensions: {}, ...body, operation }) as unknown as CanonicalRequest,
    encodeRequest: (request, { model }) => ({ ...request, model }),
    decodeResponse: (body) => ({ extensions: {}, ...body, operation }) as unknown as CanonicalResponse,
    encodeResponse: (response) => ({ ...response }),
  }
}

/** Asks for the whole body and looks for the model in it. */
const searching: RawCodec = {
  locate({ path }, head, whole) {
    if (!whole) return undefined
    const [, model = ''] = /"model": ?"([^"]*)"/.exec(head.toString()) ?? []
    return { model, path, withModel: (bytes, name) => Buffer.from(bytes.toString().replace(`"${model}"`, `"${name}"`)) }
  },
}

/** The path says it all: `/files/{model}`. */
const naming: RawCodec = { locate: ({ path, params }) => ({ model: params['model'] ?? '', path }) }

export const TRANSLATED = ['embeddings', 'rerank', 'count-tokens', 'moderations', 'images'] as const
export const UNREAD = ['speech', 'transcription', 'files', 'batches'] as const

export const toy: Dialect = {
  name: 'toy',
  codecs: Object.fromEntries(TRANSLATED.map((operation) => [operation, codec(operation)])),
  raw: { speech: searching, transcription: searching, files: naming, batches: naming },
  endpoints: [
    ...[...TRANSLATED, 'speech' as const, 'transcription' as const].map((operation) => {
      return { method: 'POST', path: `/toy/${operation}`, operation } as const
    }),
    { method: 'GET', path: '/toy/files/:model', operation: 'files' },
    { method: 'POST', path: '/toy/batches/:model', operation: 'batches' },
  ],
  requestHeaders: [],
  replyHeaders: [],
  encodeError: ({ code, message }) => ({ error: { code, message } }),
  encodeStreamError: ({ code }) => `${JSON.stringify({ type: 'error', code })}\n`,
  decodeError: (status) => new GatewayError('upstream_error', `The toy answered with ${status}.`, { status }),
}

const { 'count-tokens': _, ...codecs } = toy.codecs
/** The same to its clients, another to the gateway; it cannot count tokens. */
export const toyTwo: Dialect = { ...toy, name: 'toy-two', codecs, endpoints: [] }
