/** How what a client of one dialect asks reaches an upstream of another: found by running both codecs. */
import type { ChatRequest, JsonObject } from '@sluice/core'
import { CODECS } from '../../support/codecs.ts'
import { added, includes } from './leaves.ts'
import { marked, places } from './marks.ts'
import { CLIENT_MODELS } from './models.ts'
import { outcomeOf } from './outcome.ts'
import type { Bodies, RequestRow } from './outcome.ts'
import { ownRows } from './own-rows.ts'
import { REQUEST_FEATURES } from './request-features.ts'
import type { RequestFeature } from './request-features.ts'
import { received, unlessRefused } from './sending.ts'
import type { Pair } from './sending.ts'
import { thoughtRows } from './thought-rows.ts'

/** Whatever the client's dialect has words for. */
export function requestRows(pair: Pair): RequestRow[] {
  const common = REQUEST_FEATURES.flatMap((feature): RequestRow[] => {
    const { name, marks, isDispensable = false } = feature
    const bodies = spoken(feature, pair)
    if (bodies === undefined) return []
    const said = places(added(bodies.body, bodies.base), marks)
    return [{ name, said, outcome: outcomeOf(bodies, pair, marks), isDispensable }]
  })
  return [...common, ...thoughtRows(pair), ...ownRows(pair)]
}

/** What the client sends; undefined if its dialect cannot say the feature, so that reading finds it again. */
function spoken(feature: RequestFeature, pair: Pair): Bodies | undefined {
  const { client } = pair
  const [request, without] = [feature.request(pair), feature.without(pair)]
  const wanted = marked(added(request, without), feature.marks)
  const variants = CLIENT_MODELS[client].flatMap((model) => [
    { model, extensions: { [client]: {} } },
    { model, extensions: {} },
  ])
  for (const { model, extensions } of variants) {
    const write = (sample: ChatRequest): JsonObject =>
      CODECS[client].encodeRequest({ ...sample, extensions }, { model, drop: () => undefined })
    const bodies = unlessRefused(() => ({ body: write(request), base: write(without) }))
    if (bodies && includes(added(received(bodies.body, pair), received(bodies.base, pair)), wanted)) return bodies
  }
  return undefined
}
