/** Answers, both directions. */
import { GatewayError } from '@sluice/core'
import type { BodyCodec, JsonObject, RerankRequest, RerankResponse, Usage } from '@sluice/core'
import { countOf, defined, isObject, objectOf, textOf, withCost } from '@sluice/dialect-kit'
import { errorsOf } from '../errors.ts'
import { fields, isNothing, keep, keeperOf, restore } from '../kept.ts'
import type { RerankForm } from './form.ts'

type Result = RerankResponse['results'][number]

const RESULT = fields('index relevance_score document')

export function responseIn(
  form: RerankForm,
): Pick<BodyCodec<RerankRequest, RerankResponse>, 'decodeResponse' | 'encodeResponse'> {
  const { dialect, results: list } = form
  const { inlineError } = errorsOf(dialect)
  const { keptIn } = keeperOf(dialect)
  const known = fields('id model usage', list)

  const decodeResult = (item: unknown): Result => {
    const wire = objectOf(item)
    if (wire === undefined || typeof wire.index !== 'number')
      throw new GatewayError('upstream_error', 'The upstream sent a result that names no document.')
    const { document } = wire
    const kept = keep(wire, RESULT)
    return {
      index: wire.index,
      score: typeof wire.relevance_score === 'number' ? wire.relevance_score : 0,
      ...((typeof document === 'string' || isObject(document)) && { document }),
      ...(!isNothing(kept) && { extensions: { [dialect]: kept } }),
    }
  }

  return {
    decodeResponse(body) {
      const found = body[list]
      if (!Array.isArray(found))
        throw inlineError(body) ?? new GatewayError('upstream_error', `The upstream sent a reply without "${list}".`)
      return defined<RerankResponse>({
        operation: 'rerank',
        id: textOf(body.id),
        model: textOf(body.model),
        results: found.map(decodeResult),
        usage: decodeUsage(objectOf(body.usage)),
        extensions: { [dialect]: keep(body, known) },
      })
    },
    encodeResponse(response, { model: asked, request }) {
      const { id, model = asked, usage } = response
      const kept = keptIn(response)
      const own = kept !== undefined
      return {
        ...restore(kept),
        ...defined({ id }),
        model,
        [list]: response.results.map((result) => ({
          ...restore(keptIn(result)),
          index: result.index,
          relevance_score: result.score,
          ...documentOf(result, request, own),
        })),
        ...(usage && { usage: encodeUsage(usage, own) }),
      }
    },
  }
}

/** A client that wants its documents back gets them from its request where the upstream sends none. */
function documentOf(
  { document, index }: Result,
  { returnDocuments, documents }: RerankRequest,
  own: boolean,
): JsonObject {
  const shown = document ?? (returnDocuments ? documents[index] : undefined)
  if (shown === undefined) return {}
  return { document: !own && typeof shown === 'string' ? { text: shown } : shown }
}

/** Some count tokens, others searches, which only `raw` has room for. */
function decodeUsage(raw: JsonObject | undefined): Usage | undefined {
  if (raw === undefined) return undefined
  return {
    input: { total: countOf(raw.total_tokens ?? raw.prompt_tokens), cacheRead: 0, cacheWrite: 0 },
    output: { total: 0, reasoning: 0 },
    raw,
  }
}

function encodeUsage(usage: Usage, own: boolean): JsonObject {
  const { input, raw } = usage
  const counts = own && raw !== undefined ? raw : { total_tokens: input.total, prompt_tokens: input.total }
  return withCost(counts, usage)
}
