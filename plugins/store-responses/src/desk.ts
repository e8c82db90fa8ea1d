/** Answers what clients ask of the responses that are kept here. */
import { exchangeKey } from '@sluice/core'
import type { Exchange, JsonObject, WireReply } from '@sluice/core'
import { resourceOf } from './dialect.ts'
import { itemNotFound, notToCancel, previousNotFound, responseNotFound, wrongParam } from './errors.ts'
import { EventLog } from './event-log.ts'
import { pageOf } from './page.ts'
import type { Records, ResponseRecord } from './records.ts'
import { replayOf } from './replay.ts'
import type { Run } from './run.ts'
import type { Runs } from './runs.ts'
import { RESPONSES, STATE } from './state.ts'
import type { State } from './state.ts'

/** The record that a request is about. */
export const RECORD = exchangeKey<ResponseRecord>('store-responses/record')
/** What an exchange leaves behind. */
export const RUN = exchangeKey<Run>('store-responses/run')

const OPEN: ReadonlySet<unknown> = new Set(['queued', 'in_progress'])
const LOST = { code: 'server_error', message: 'The gateway stopped before the answer was complete.' }

export class Desk {
  readonly #records: Records
  readonly #runs: Runs

  constructor(records: Records, runs: Runs) {
    this.#records = records
    this.#runs = runs
  }

  async answer(exchange: Exchange): Promise<WireReply> {
    const state = exchange.get(STATE)
    if (state?.background) return this.#start(exchange, state)
    const { method, path, params, search } = exchange.start
    const { id = '' } = params
    const record = exchange.get(RECORD)
    if (record === undefined) throw responseNotFound(id)
    const query = new URLSearchParams(search)
    if (method === 'DELETE') return this.#remove(id)
    if (method === 'POST') return this.#cancel(id, record)
    if (resourceOf(path) === 'input_items') return json(pageOf(record.input, query))
    const run = this.#runs.find(id)
    const response = run?.record.response ?? current(record)
    return query.get('stream') === 'true' ? events(query, response, run) : json(response)
  }

  async #start(exchange: Exchange, state: State): Promise<WireReply> {
    if (!state.store) throw wrongParam('A background response must be stored.', 'store')
    if (state.keptBy !== undefined) throw previousNotFound(state.previous!)
    if (state.missing !== undefined) throw itemNotFound(state.missing)
    const { vital = [] } = exchange.dialect.codecs.chat!
    const held = vital.find((field) => field in (state.background!.extensions[RESPONSES] ?? {}))
    if (held !== undefined) throw wrongParam(`The target cannot take "${held}".`, held)
    const run = await this.#runs.prepare(exchange, state)
    exchange.set(RUN, run)
    if (!run.log) return json(run.as('queued'))
    this.#runs.begin(run)
    return stream(run.log, 0)
  }

  async #remove(id: string): Promise<WireReply> {
    await this.#records.remove(id)
    this.#runs.find(id)?.cancel()
    return json({ id, object: 'response', deleted: true })
  }

  async #cancel(id: string, record: ResponseRecord): Promise<WireReply> {
    if (record.deadline === undefined) throw notToCancel(undefined)
    const run = this.#runs.find(id)
    const { status } = run?.record.response ?? current(record)
    if (!OPEN.has(status) && status !== 'cancelled') throw notToCancel(String(status))
    run?.cancel()
    const cancelled = run?.record ?? { ...record, response: { ...record.response, status: 'cancelled' } }
    await this.#records.keep(cancelled)
    return json(cancelled.response)
  }
}

/** As it is now: who worked on it may be gone. */
function current({ response, deadline = Infinity }: ResponseRecord): JsonObject {
  return OPEN.has(response.status) && Date.now() > deadline ? { ...response, status: 'failed', error: LOST } : response
}

function json(body: JsonObject): WireReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}

/** @throws GatewayError `invalid_request` */
function events(query: URLSearchParams, response: JsonObject, run: Run | undefined): WireReply {
  const after = Number(query.get('starting_after') ?? -1)
  if (!Number.isInteger(after) || after < -1) throw wrongParam("'starting_after' must be an integer.", 'starting_after')
  if (run?.log) return stream(run.log, after + 1)
  if (OPEN.has(response.status))
    throw wrongParam(
      'A response can be streamed while it is made if it was created with `stream` set to true.',
      'stream',
    )
  const log = new EventLog()
  log.end(replayOf(response))
  return stream(log, after + 1)
}

function stream(log: EventLog, from: number): WireReply {
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, stream: log.read(from) }
}
