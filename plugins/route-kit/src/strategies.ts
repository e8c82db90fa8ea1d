/** Ways to order the targets of a model, which route-balance knows by these names. */
export const STRATEGIES = [
  'ordered',
  'weighted',
  'round-robin',
  'least-busy',
  'latency',
  'throughput',
  'cost',
  'usage',
  'sticky',
] as const
export type StrategyName = (typeof STRATEGIES)[number]
