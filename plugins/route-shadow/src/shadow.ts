/** What becomes of requests that were drawn. */
import type { ChatRequest, Exchange, Logger } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { Capture, CAPTURE, textOf } from './answer.ts'
import { compare } from './comparison.ts'
import type { Comparison, Terms, Told } from './comparison.ts'
import { measure } from './measure.ts'
import type { Mirror } from './mirror.ts'
import type { Plan, Plans } from './plan.ts'
import { RECORDINGS, recordingRow } from './recording.ts'
import type { Writer } from './writer.ts'

export const ROWS = 'shadow'

export interface ShadowSettings {
  plans: Plans
  mirror: Mirror
  writer: Writer
  clock: Pick<RouteClock, 'random'>
  log: Logger
}

export class Shadow {
  readonly #settings: ShadowSettings
  #closed = false

  constructor(settings: ShadowSettings) {
    this.#settings = settings
  }

  /** For `admit`: no cache has answered. Draws, and has the answer put together if need be. */
  draw(exchange: Exchange): void {
    const lot = this.#settings.plans.draw(exchange)
    if (!lot) return
    try {
      exchange.set(CAPTURE, new Capture(lot, exchange.request as ChatRequest))
    } catch (err) {
      // Only its provider may understand it.
      exchange.log.debug({ err }, 'a request that cannot be read is not copied')
    }
  }

  /** For `onComplete`: the client has all that it will get. Returns at once. */
  finish(exchange: Exchange): void {
    const { lot, request, response } = exchange.get(CAPTURE)!
    if (exchange.outcome !== 'ok' || this.#closed) return
    const measured = measure(exchange)
    if (lot.record && response) {
      const recording = recordingRow(
        exchange.id,
        exchange.time,
        { ...request, model: exchange.model },
        response,
        measured,
      )
      if (recording) this.#settings.writer.add(RECORDINGS, recording.row, recording.size)
    }
    if (!lot.mirror) return
    const told = { ...measured, text: response && textOf(response) }
    for (const target of lot.plan.targets) this.#copy(exchange, request, told, lot.plan, target)
  }

  close(): void {
    this.#closed = true
    this.#settings.mirror.close()
  }

  #copy(exchange: Exchange, request: ChatRequest, told: Told, plan: Plan, target: string): void {
    if (plan.inFlight >= plan.maxInFlight) return this.#write(exchange, target, { outcome: 'skipped' })
    plan.inFlight++
    this.#compared(exchange, request, told, plan, target)
      .catch((err: unknown) => this.#settings.log.error({ err, target }, 'two answers could not be compared'))
      .finally(() => plan.inFlight--)
  }

  async #compared(exchange: Exchange, request: ChatRequest, told: Told, plan: Plan, target: string): Promise<void> {
    const mirrored = await this.#settings.mirror.ask(request, target, plan.timeout, exchange)
    const { response } = mirrored
    const second = { ...mirrored, text: response && textOf(response) }
    const data = await compare(request, told, second, this.terms(plan), exchange)
    this.#write(exchange, target, data, mirrored.id || undefined)
  }

  /** What a plan compares. */
  terms({
    compare: measures,
    judge,
    timeout,
    keepTexts,
  }: Pick<Plan, 'compare' | 'judge' | 'timeout' | 'keepTexts'>): Terms {
    const { mirror, clock } = this.#settings
    const asks = judge && measures.has('judge')
    const random = (): number => clock.random()
    return {
      compare: measures,
      keepTexts,
      judge: asks ? { mirror, model: judge.model, prompt: judge.prompt, timeout, random } : undefined,
    }
  }

  /** @param id of the copy's exchange, which the ledger has too */
  #write(exchange: Exchange, target: string, data: Comparison, id: string = crypto.randomUUID()): void {
    if (this.#closed) return
    const { model, stream } = exchange
    this.#settings.writer.add(ROWS, {
      id,
      time: exchange.time,
      data: { exchange: exchange.id, model, target, stream, ...data },
    })
  }
}
