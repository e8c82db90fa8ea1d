import type { Target } from '@sluice/core'
import { hashText, targetName } from '@sluice/route-kit'
import type { TargetFigures } from '@sluice/route-kit'
import { Failures } from './failures.ts'
import { InFlight } from './in-flight.ts'
import { Minute } from './minute.ts'
import { MovingAverage } from './moving-average.ts'
import type { News } from './news.ts'

/** All that is known of how a target does. */
export class TargetRecord {
  readonly name: string
  /** Of its name. */
  readonly hash: number
  readonly inFlight = new InFlight()
  readonly failures = new Failures()
  /** Milliseconds until the first byte of streams, and until the end of other answers. */
  readonly ttft: MovingAverage
  readonly whole: MovingAverage
  /** Tokens of output a second, from the beginning of the attempt to its end. */
  readonly speed: MovingAverage
  /** In the last minute, by all processes, as far as is known. */
  readonly requests = new Minute()
  readonly tokens = new Minute()
  /** When an attempt began last. */
  triedAt = -Infinity
  samples = 0

  /** @param decay milliseconds until what was measured counts for a third */
  constructor(target: Pick<Target, 'provider' | 'model'>, decay: number) {
    this.name = targetName(target)
    this.hash = hashText(this.name)
    this.ttft = new MovingAverage(decay, { isPeak: true })
    this.whole = new MovingAverage(decay, { isPeak: true })
    this.speed = new MovingAverage(decay)
  }

  /** Milliseconds until the first byte of an answer, which other answers have at their end. */
  latency(isStream: boolean): number | undefined {
    return isStream ? (this.ttft.value ?? this.whole.value) : (this.whole.value ?? this.ttft.value)
  }

  /** Takes in what happened here, or what another process told. */
  learn(news: News, now: number): void {
    if (news.requests !== 0) this.requests.add(news.requests, now)
    if (news.tokens !== 0) this.tokens.add(news.tokens, now)
    if (news.ttfts > 0) this.ttft.add(news.ttft / news.ttfts, now)
    if (news.wholes > 0) this.whole.add(news.whole / news.wholes, now)
    if (news.speeds > 0) this.speed.add(news.speed / news.speeds, now)
    this.failures.learn(news, now)
  }

  figures(now: number): TargetFigures {
    return {
      inFlight: this.inFlight.total(now),
      ttftMs: this.ttft.value,
      totalMs: this.whole.value,
      tokensPerSecond: this.speed.value,
      errorRate: this.failures.rate(now),
      samples: this.samples,
    }
  }
}
