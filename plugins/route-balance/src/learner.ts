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
    passage.begin(attempt, record, now, tokens)
    record.inFlight.begin(now)
    record.failures.begin(now)
    record.triedAt = now
    this.#note(record, { ...noNews(record.inFlight.own), requests: 1, tokens })
  }

  /** The first byte of the answer is there; of one that is no stream, all of it. */
  head(passage: Passage): void {
    const { attempt, record } = passage
    if (!attempt || !record || passage.isHeaded) return
    passage.isHeaded = true
    record.inFlight.head(passage.beganAt)
    this.#time(passage, record, attempt.firstByteAt - attempt.startedAt)
  }

  end(attempt: Attempt, passage: Passage): void {
    const { record } = passage
    if (passage.attempt !== attempt || !record) return
    const { error, startedAt, firstByteAt, endedAt } = attempt
    if (!passage.isHeaded) record.inFlight.head(passage.beganAt)
    record.inFlight.end()
    passage.took = (passage.exchange.stream ? endedAt : firstByteAt) - startedAt
    passage.attempt = undefined

    const verdict = verdictOn(error)
    const news = noNews(record.inFlight.own)
    if (verdict === 'ok' || verdict === 'alive') news.ok = 1
    if (verdict === 'bad') {
      news.bad = 1
      news.rest = (error!.retryAfter ?? 0) * 1000
      if (error!.code === 'upstream_timeout') this.#time(passage, record, endedAt - startedAt)
    }
    if (error) news.tokens = -passage.reserved
    if (error) passage.record = undefined
    this.#note(record, news)
  }

  /** All is over: what it came to is known. */
  settle({ record, exchange, plan, reserved, took }: Passage): void {
    const { usage } = exchange
    if (!record || !usage) return
    const { input, output } = usage
    plan.output.add(output.total, this.#clock.now())
    const news = noNews(record.inFlight.own)
    news.tokens = input.total + output.total - reserved
    if (output.total >= SPOKEN && took > 0) {
      news.speed = (output.total / took) * 1000
      news.speeds = 1
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
