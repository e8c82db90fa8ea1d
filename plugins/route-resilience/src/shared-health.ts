/** Circuits that all processes share: what one finds out, the others take over. */
import { parseTarget } from '@sluice/core'
import type { Sections, SetupContext } from '@sluice/core'
import { sharedState } from '@sluice/route-kit'
import type { RouteClock } from '@sluice/route-kit'
import type { Opener } from './breaker.ts'
import { nameOf, TargetsHealth } from './health.ts'
import type { Patient } from './health.ts'
import type { Options } from './options.ts'
import { breakerOf, budgetOf } from './settings.ts'

/** For how many milliseconds a circuit is open, and who wants that if not failures; 0 if it has closed. */
export type News = { for: number; reason: string; by?: Opener }

const OPENERS: ReadonlySet<unknown> = new Set<Opener | undefined>([undefined, 'failures', 'upstream', 'operator'])

export function isNews(value: unknown): value is News {
  if (typeof value !== 'object' || value === null) return false
  const { for: duration, reason, by } = value as { [field: string]: unknown }
  return (
    typeof duration === 'number' &&
    duration >= 0 &&
    duration < Infinity &&
    typeof reason === 'string' &&
    OPENERS.has(by)
  )
}

export function newsOf({ breaker }: Patient, now: number): News {
  const { opened } = breaker
  if (!opened) return { for: 0, reason: '' }
  const { reason, until, by } = opened
  return { for: Math.max(1, until - now), reason, ...(by !== 'failures' && { by }) }
}

/** Takes over what another process has found out, or what an operator wants. */
export function apply(name: string, news: News, health: TargetsHealth, now: number): void {
  const { breaker } = health.of(parseTarget(name))
  if (news.for > 0) breaker.open(news.reason, news.for, now, news.by)
  else breaker.close(now)
}

/** The health of targets, told to other processes and to the log. */
export async function shareHealth(
  context: Pick<SetupContext<unknown, Sections>, 'id' | 'gateway' | 'find' | 'log' | 'onClose'>,
  { breaker, retryBudget }: Options,
  clock: RouteClock,
): Promise<TargetsHealth> {
  const { log } = context
  let isHearing = false
  const circuits = await sharedState<News>(context, 'circuits', {
    accepts: isNews,
    heard(name, news) {
      isHearing = true
      apply(name, news, health, clock.now())
      isHearing = false
    },
  })
  const health: TargetsHealth = new TargetsHealth({
    breaker: breakerOf(breaker),
    budget: budgetOf(retryBudget),
    clock,
    onChange: (patient) => {
      const [target, news] = [nameOf(patient), newsOf(patient, clock.now())]
      // What was heard is known to all.
      if (!isHearing) circuits.tell(target, news)
      if (news.for === 0) log.info({ target }, 'a circuit has closed')
      else log.warn({ target, reason: news.reason, ms: Math.round(news.for) }, 'a circuit has opened')
    },
  })
  return health
}
