import { parseTarget } from '@sluice/core'
import type { Target } from '@sluice/core'
import { Simulation } from '@sluice/route-kit/testing'
import type { Prices } from '@sluice/usage-kit'
import { Balancer } from '../../src/balancer.ts'
import type { BalancerOptions } from '../../src/balancer.ts'
import type { RouteSection } from '../../src/options.ts'
import { Plans } from '../../src/plans.ts'

export interface Given extends Partial<BalancerOptions> {
  seed?: number
  section?: RouteSection
  prices?: Prices
  exploration?: number
}

/** A balancer in virtual time. */
export function simulated({ seed = 1, section = {}, prices, exploration = 0.003, ...options }: Given = {}): {
  simulation: Simulation
  router: Balancer
} {
  const simulation = new Simulation({ seed })
  const { clock } = simulation
  const plans = new Plans(() => undefined, section, { clock, prices, exploration })
  const router = new Balancer({
    id: 'balance',
    clock,
    plans,
    decay: 10_000,
    avoidFailing: true,
    tell: () => undefined,
    ...options,
  })
  return { simulation, router }
}

/** `p/a`, `p/b`, …, with their traits in this order. */
export function targetsOf(...traits: Partial<Target>[]): Target[] {
  return traits.map((trait, place) => ({ ...parseTarget(nameOf(place)), ...trait }))
}

export function nameOf(place: number): string {
  return `p/${String.fromCodePoint(97 + place)}`
}
