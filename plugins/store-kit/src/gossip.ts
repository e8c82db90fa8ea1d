import { capability } from '@sluice/core'

/**
 * Short messages between all processes of all replicas. Nothing is kept: who does not listen, or is cut off, never
 * learns what was said. For hints that make decisions better, never for what must be exact.
 */
export interface Gossip {
  /** Tells all listeners of the topic, those of this process too. `data`: JSON. Never throws, never waits. */
  publish(topic: string, data: unknown): void
  /** `listener` is given what anybody published, in the order of each sender. @returns what ends it */
  subscribe(topic: string, listener: (data: unknown) => void): () => void
}

/** Named by plugins in `uses`. */
export const Gossip = capability<Gossip>('Gossip', { plugins: ['store-redis'] })
