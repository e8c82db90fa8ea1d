import type { StrategyName } from '@sluice/route-kit'
import type { RouteSection } from '../options.ts'
import { stickyKey } from '../sticky-key.ts'
import { Cost } from './cost.ts'
import { LeastBusy } from './least-busy.ts'
import { latency, Measured, slowness } from './measured.ts'
import { Ordered } from './ordered.ts'
import { RoundRobin } from './round-robin.ts'
import { Sticky, StrictlySticky } from './sticky.ts'
import type { Strategy, Tools } from './strategy.ts'
import { Usage } from './usage.ts'
import { Weighted } from './weighted.ts'

type Maker = (tools: Tools, section: RouteSection) => Strategy

const MAKERS: { readonly [Name in StrategyName]: Maker } = {
  ordered: () => new Ordered(),
  weighted: ({ clock }) => new Weighted(() => clock.random()),
  'round-robin': () => new RoundRobin(),
  'least-busy': ({ clock }) => new LeastBusy(() => clock.random()),
  latency: (tools) => new Measured('milliseconds expected', latency, tools),
  throughput: (tools) => new Measured('milliseconds expected for a token', slowness, tools),
  cost: (tools) => new Cost(tools),
  usage: ({ clock }) => new Usage(() => clock.random()),
  sticky: ({ clock }, { sticky: { by, otherwise } = {} }) =>
    new (otherwise === 'refuse' ? StrictlySticky : Sticky)(stickyKey(by), () => clock.random()),
}

/** @throws GatewayError `config_invalid` if the strategy needs what is not there */
export function makeStrategy(name: StrategyName, section: RouteSection, tools: Tools): Strategy {
  return MAKERS[name](tools, section)
}
