/** What was recorded, and what other targets make of it. */
import { adminRoute, ListQuery, page, pageOf, pageSchema } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { parseTarget, Type } from '@sluice/core'
import type { Exchange, JsonObject, Usage } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import { dollars } from '@sluice/usage-kit'
import type { Prices } from '@sluice/usage-kit'
import { AnswerSchema } from './answer-schema.ts'
import { textOf } from './answer.ts'
import { compare } from './comparison.ts'
import type { Comparison, Terms, Told } from './comparison.ts'
import type { Mirror, Mirrored } from './mirror.ts'
import { endOf, filterOf, SpanFields, startAt } from './query.ts'
import { findRecording, RECORDINGS } from './recording.ts'
import type { Recording } from './recording.ts'
import { anything, READ, WRITE } from './shadow-routes.ts'
import { comparisonView } from './view.ts'

/** Milliseconds: whoever asks for a replay waits for the answer. */
const PATIENCE = 50_000

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })
const Replay = Type.Object({ target: Name('Target (`provider/model`) or model that is asked.') })
const Answered = Type.Object({
  target: Name('What was asked.'),
  durationMs: Type.Number({ minimum: 0, description: 'How long it took.' }),
  response: Type.Optional(AnswerSchema),
})

export interface RecordingSettings {
  journal: Journal
  mirror: Mirror
  prices: Prices | undefined
  terms: Terms
}

/** Texts take the permission to write: whoever reads figures need not read what people said. */
export function mountRecordings(admin: AdminContext, { journal, mirror, prices, terms }: RecordingSettings): void {
  const base = '/shadow/recordings'
  const subject = ({ params: { id } }: { params: { readonly [name: string]: string } }): string => `recording:${id}`

  const listing = {
    method: 'get',
    path: base,
    permission: READ,
    summary: 'List recordings, newest first, without what was said.',
    query: Type.Object({ ...SpanFields, ...ListQuery.properties }),
    response: pageSchema(anything),
  } as const
  adminRoute(admin, listing, async ({ query }) => {
    const { after, limit } = pageOf(query)
    const where = filterOf(query)
    const found = await journal.read(RECORDINGS, where, { ...startAt(after), limit: limit + 1, newestFirst: true })
    return page(found, limit, endOf, headView)
  })

  const showing = {
    method: 'get',
    path: `${base}/:id`,
    permission: WRITE,
    summary: 'Show a recording with the request and the answer.',
    response: anything,
    action: 'shadow.recordings.show',
    subject,
  } as const
  adminRoute(admin, showing, async ({ params: { id = '' } }) => {
    const { request, response, model, time } = await findRecording(journal, id)
    return { id, time: new Date(time).toISOString(), model, request, response }
  })

  const forgetting = {
    method: 'delete',
    path: base,
    permission: WRITE,
    summary: 'Forget all recordings.',
    response: Type.Object({ forgotten: Type.Integer() }),
    action: 'shadow.recordings.forget',
  } as const
  adminRoute(admin, forgetting, async () => ({ forgotten: await journal.prune(RECORDINGS, Date.now() + 1) }))

  const answerFor = async (recording: Recording, target: string, second: Second, exchange: Exchange) =>
    answered(recording, target, await compare(recording.request, recording, second, terms, exchange))

  const replaying = {
    method: 'post',
    path: `${base}/:id/replay`,
    permission: WRITE,
    summary: 'Ask a target what was asked then, and compare the answers.',
    body: Replay,
    response: anything,
    action: 'shadow.recordings.replay',
    subject,
  } as const
  adminRoute(admin, replaying, async ({ params: { id = '' }, body: { target }, exchange }) => {
    const recording = await findRecording(journal, id)
    const mirrored = await mirror.ask(recording.request, target, PATIENCE, exchange)
    const text = mirrored.response && textOf(mirrored.response)
    return answerFor(recording, target, { ...mirrored, text }, exchange)
  })

  const comparing = {
    method: 'post',
    path: `${base}/:id/comparison`,
    permission: WRITE,
    summary: 'Compare an answer that was got elsewhere with the one that was recorded.',
    body: Answered,
    response: anything,
    action: 'shadow.recordings.compare',
    subject,
  } as const
  adminRoute(admin, comparing, async ({ params: { id = '' }, body: { target, durationMs, response }, exchange }) => {
    const recording = await findRecording(journal, id)
    const usage = response?.usage
    const second: Second = {
      outcome: response ? 'ok' : 'failed',
      error: undefined,
      served: target,
      durationMs: Math.round(durationMs),
      ttftMs: undefined,
      usage,
      costNanoUsd: usage && costOf(usage, target, prices),
      text: response && textOf(response),
    }
    return answerFor(recording, target, second, exchange)
  })
}

type Second = Told & Pick<Mirrored, 'outcome' | 'error'>

function costOf(usage: Usage, target: string, prices: Prices | undefined): number | undefined {
  return prices?.quote(parseTarget(target))?.cost(usage)?.nanoUsd
}

function answered({ id, model }: Recording, target: string, data: Comparison): JsonObject {
  return { recording: id, model, target, ...comparisonView(data) }
}

function headView({ id, time, data }: Row): JsonObject {
  const { model, served, stream, durationMs, costNanoUsd } = data
  const costUsd = typeof costNanoUsd === 'number' ? dollars(costNanoUsd) : null
  return { id, time: new Date(time).toISOString(), model, served, stream, durationMs, costUsd }
}
