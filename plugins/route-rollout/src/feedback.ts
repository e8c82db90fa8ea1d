/** `POST /v1/feedback`: what clients think of the answers they got. */
import { adminRoute, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { checkValue, GatewayError, invalidRequest, Type } from '@sluice/core'
import type { Exchange, JsonObject, PluginRouter, Principal, Static } from '@sluice/core'
import type { Store, StoredRecord } from '@sluice/store-kit'
import type { Ledger } from '@sluice/usage-kit'
import type { Book } from './book.ts'
import { scoresOf } from './counts.ts'
import { isOf } from './exposures.ts'
import type { Exposures, Served } from './exposures.ts'
import { addValue, replaceValue } from './moments.ts'
import { SCORE_NAME } from './options.ts'
import type { Rollouts } from './rollouts.ts'

const COLLECTION = 'feedback'
const PATH = '/v1/feedback'
/** How often it is tried where the same exchange gets the same score at the same time. */
const TRIES = 5
/** Of a score, either way. */
const MOST = 1e6

const Feedback = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 100, description: 'What the reply said in `x-request-id`.' }),
    score: Type.Number({ minimum: -MOST, maximum: MOST, description: 'How good the answer was: more is better.' }),
    name: Type.Optional(
      Type.String({ pattern: SCORE_NAME, default: 'default', description: 'Which score, where there are several.' }),
    ),
    comment: Type.Optional(Type.String({ maxLength: 2000, description: 'Words beside it.' })),
  },
  { additionalProperties: false },
)

const ABOUT: JsonObject = {
  operationId: 'feedback.create',
  summary: 'Say how good an answer was that you got. A later score of the same name takes the place of the earlier.',
  tags: ['feedback'],
  requestBody: { required: true, content: { 'application/json': { schema: Feedback } } },
  responses: {
    200: { description: 'Taken note of.', content: { 'application/json': { schema: { type: 'object' } } } },
    default: { $ref: '#/components/responses/Error' },
  },
}

export interface FeedbackSettings {
  store: Store
  rollouts: Rollouts
  book: Book
  exposures: Exposures
  ledger: Ledger | undefined
  /** Milliseconds that feedback is kept. */
  retention: number
}

/** Whoever may ask a model may say what came of it, of exchanges of their own. */
export function mountFeedback(router: PluginRouter, settings: FeedbackSettings): void {
  router.post(PATH, { permission: 'authenticated', about: ABOUT }, async (context, exchange) => {
    const { name = 'default', ...feedback } = read(exchange)
    const served = await find(settings, feedback.id, exchange.principal)
    const replaced = await keep(settings, { ...feedback, name }, served, exchange.principal)
    context.body = { id: feedback.id, name, score: feedback.score, replaced }
  })
}

function read({ body }: Exchange): Static<typeof Feedback> {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw invalidRequest('The body must be JSON: { "id": "…", "score": 1 }.')
  }
  const [mistake] = checkValue(Feedback, value)
  if (mistake) throw invalidRequest(`${mistake.at} ${mistake.text}`.trim(), mistake.at)
  const feedback = value as Static<typeof Feedback>
  if (/\p{Cc}/u.test(feedback.id) || !feedback.id.isWellFormed()) throw unknown()
  return feedback
}

/** @returns undefined if the exchange is known to be theirs, and took part in no rollout @throws GatewayError `not_found` */
async function find(
  { exposures, ledger }: FeedbackSettings,
  id: string,
  principal: Principal,
): Promise<Served | undefined> {
  const served = await exposures.find(id, principal)
  if (served) return served
  const row = await ledger?.find(id)
  if (row && isOf(row, principal)) return undefined
  throw unknown()
}

const unknown = (): GatewayError =>
  new GatewayError('not_found', 'You have made no such request, or it is too long ago.', { param: 'id' })

/** @returns whether it took the place of an earlier one */
async function keep(
  { store, rollouts, book, retention }: FeedbackSettings,
  feedback: Static<typeof Feedback> & { name: string },
  served: Served | undefined,
  principal: Principal,
): Promise<boolean> {
  const { id, name, score, comment = '' } = feedback
  const key = `${id}:${name}`
  const where = served && { rollout: served.rollout, variant: served.variant }
  const value = {
    exchange: id,
    name,
    score,
    comment: tame(comment),
    principal: principal.id,
    time: Date.now(),
    ...where,
  }
  for (let tries = 1; ; tries++) {
    const earlier = await store.find(COLLECTION, key)
    try {
      await store.put(COLLECTION, key, value, { ttl: retention, revision: earlier?.revision ?? 0 })
      if (served) count(rollouts, book, served, name, score, earlier)
      return earlier !== undefined
    } catch (error) {
      if (!GatewayError.is(error) || error.code !== 'conflict' || tries >= TRIES) throw error
    }
  }
}

/** A score counts in the epoch in which the arm served, as long as the plan is followed. */
function count(
  rollouts: Rollouts,
  book: Book,
  { rollout, plan, epoch, arm }: Served,
  name: string,
  score: number,
  earlier: StoredRecord | undefined,
): void {
  const live = rollouts.find(rollout)
  if (live?.plan.id !== plan) return
  const scores = scoresOf(book.open(live.plan, epoch, arm), name)
  if (!scores) return
  if (earlier) replaceValue(scores, Number(earlier.value['score']), score)
  else addValue(scores, score)
}

/** Without what databases refuse. */
function tame(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** For operators: what clients said. */
export function mountFeedbackList(admin: AdminContext): void {
  const listing = {
    method: 'get',
    path: '/feedback',
    permission: 'routing:read',
    summary: 'List what clients said of the answers they got.',
    query: Type.Object(ListQuery.properties),
    response: pageSchema(Type.Object({}, { additionalProperties: true })),
  } as const
  adminRoute(admin, listing, async ({ query }) => {
    const { after, limit } = pageOf(query)
    const records = await admin.store.list(COLLECTION, { limit: limit + 1, ...(after !== undefined && { after }) })
    return page(
      records,
      limit,
      ({ id }) => id,
      ({ id, value }) => ({ id, ...value }),
    )
  })
}
