/** Plugins in the place of those that know callers and keep counters. */
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin } from '@sluice/core'
import type { PluginInstance, Principal } from '@sluice/core'
import { Counters } from '@sluice/store-kit'
import type { Counters as CountersService } from '@sluice/store-kit'

/** By the value of `authorization`. */
export interface Callers {
  readonly [token: string]: Principal
}

/** Knows them; others are refused. */
export const callersPlugin = (callers: Callers): PluginInstance =>
  definePlugin({
    name: 'test-callers',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) => hooks.authenticate.tap('callers', ({ headers }) => callers[headers.authorization ?? '']),
  })()

export const countersPlugin = (counters: CountersService): PluginInstance =>
  definePlugin({
    name: 'test-counters',
    version: '0.1.0',
    api: 1,
    provides: [Counters],
    setup: ({ provide }) => provide(Counters, counters),
  })()

/** The same counters behind a connection that takes its time. */
export const farAway = (counters: CountersService): CountersService => ({
  reserve: async (lease, claims) => (await sleep(1), counters.reserve(lease, claims)),
  settle: async (lease, claims, amounts) => (await sleep(1), counters.settle(lease, claims, amounts)),
  read: async (claims) => (await sleep(1), counters.read(claims)),
  reset: async (key) => (await sleep(1), counters.reset(key)),
})
