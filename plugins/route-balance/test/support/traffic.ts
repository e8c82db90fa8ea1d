import { logNormal } from '@sluice/route-kit/testing'
import type { Behaviour, Report, Traffic } from '@sluice/route-kit/testing'
import type { Prices } from '@sluice/usage-kit'
import { nameOf, simulated } from './simulated.ts'
import type { Given } from './simulated.ts'

export const FAST: Behaviour = { ttft: logNormal(300, 0.3) }
export const SLOW: Behaviour = { ttft: logNormal(3000, 0.3) }

export const prices: Prices = {
  quote: ({ model }) => ({ most: (input, output) => input + output * (model === 'a' ? 1 : 2), cost: () => null }),
}

export type Run = Given & Partial<Omit<Traffic, 'router' | 'upstreams'>> & { upstreams: readonly Behaviour[] }

/** Two minutes of 50 requests a second, each of another user, unless told otherwise. */
export function run({
  upstreams,
  targets,
  rate = 50,
  duration = 120_000,
  request,
  timeouts,
  events,
  ...given
}: Run): Report {
  const { simulation, router } = simulated({ prices, ...given })
  const behaving = Object.fromEntries(upstreams.map((behaviour, place) => [nameOf(place), behaviour]))
  return simulation.run({
    router,
    upstreams: behaving,
    rate,
    duration,
    request: request ?? ((number) => ({ principal: { user: `u${number}` } })),
    ...(targets && { targets }),
    ...(timeouts && { timeouts }),
    ...(events && { events }),
  })
}
