/** What attempts tell of their targets. */
import type { Attempt } from '@sluice/core'
import type { RouteClock } from '@sluice/route-kit'
import { verdictOn } from './blame.ts'
import { tokensOf } from './filters/allowance.ts'
import { noNews } from './news.ts'
import type { News } from './news.ts'
import type { Passage } from './passage.ts'
import type { TargetRecord } from './target-record.ts'

/** Answers with fewer tokens of output say nothing of speed. */
const SPOKEN = 10

export class Learner {
  readonly #clock: RouteClock
  readonly #tell: (record: TargetRecord, news: News) => void

  /** @param tell takes what others should know */
  constructor(clock: RouteClock, tell: (record: TargetRecord, news: News) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** @param countsTokens whether its tokens are counted from now on, by an estimate, until its usage is known */
  begin(attempt: Attempt, passage: Passage, record: TargetRecord, countsTokens: boolean): void {
    const now = this.#clock.now()
    const tokens = countsTokens ? tokensOf(passage) : 0
    passage.runs.push({ attempt, record, beganAt: now, reserved: tokens, isHeaded: false })
    record.inFlight.begin(now)
    record.failures.begin(now)
    record.triedAt = now
    this.#note(record, { ...noNews(record.inFlight.own), requests: 1, tokens })
  }

  /** The first byte of the answer is there; of one that is no stream, all of it. */
  head(passage: Passage): void {
    const { exchange } = passage
    // Of two that were under way, the one that counts is the last.
    const run = passage.runOf(exchange.attempts.at(-1))
    if (!run || run.isHeaded) return
    run.isHeaded = true
    run.record.inFlight.head(run.beganAt)
    this.#time(passage, run.record, run.attempt.firstByteAt - run.attempt.startedAt)
  }

  end(attempt: Attempt, passage: Passage): void {
    const run = passage.runOf(attempt)
    if (!run) return
    passage.runs.splice(passage.runs.indexOf(run), 1)
    const { record, isHeaded } = run
    const { error, startedAt, endedAt } = attempt
    const waited = endedAt - startedAt
    if (!isHeaded) record.inFlight.head(run.beganAt)
    record.inFlight.end()

    const verdict = verdictOn(error)
    const news = noNews(record.inFlight.own)
    if (verdict === 'ok' || verdict === 'alive') news.ok = 1
    if (verdict === 'bad') {
      news.bad = 1
      news.rest = (error!.retryAfter ?? 0) * 1000
      if (error!.code === 'upstream_timeout') this.#time(passage, record, waited)
    }
    // Who gave up waiting knows at least how long it takes.
    const isVain = error?.code === 'client_closed' && !isHeaded
    if (isVain && waited > (record.latency(passage.exchange.stream) ?? 0)) this.#time(passage, record, waited)
    // An answer that broke off has taken its tokens all the same.
    if (!error || isHeaded) passage.answered = run
    else news.tokens = -run.reserved
    this.#note(record, news)
  }

  /** All is over: what it came to is known. */
  settle({ answered, exchange, plan }: Passage): void {
    const { usage } = exchange
    if (!answered || !usage) return
    const { input, output } = usage
    const { record, reserved, attempt } = answered
    const news = noNews(record.inFlight.own)
    news.tokens = input.total + output.total - reserved
    if (!attempt.error) {
      plan.output.add(output.total, this.#clock.now())
      const took = (exchange.stream ? attempt.endedAt : attempt.firstByteAt) - attempt.startedAt
      if (output.total >= SPOKEN && took > 0) {
        news.speed = (output.total / took) * 1000
        news.speeds = 1
      }
    }
    this.#note(record, news)
  }

  #time({ exchange }: Passage, record: TargetRecord, milliseconds: number): void {
    const news = noNews(record.inFlight.own)
    record.samples++
    if (exchange.stream) Object.assign(news, { ttft: milliseconds, ttfts: 1 })
    else Object.assign(news, { whole: milliseconds, wholes: 1 })
    this.#note(record, news)
  }

  #note(record: TargetRecord, news: News): void {
    record.learn(news, this.#clock.now())
    this.#tell(record, news)
  }
}
