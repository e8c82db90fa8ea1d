import type { Gossip as GossipService } from '@sluice/store-kit'
import { definePlugin } from '@sluice/core'
import type { PluginInstance } from '@sluice/core'
import { createTestGateway } from '@sluice/core/testing'
import { Gossip } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import { sharedState } from '../src/index.ts'
import type { SharedState } from '../src/index.ts'

/** All that have it hear each other, as replicas do. */
function gossip(): GossipService & { listeners: Set<(topic: string, data: unknown) => void> } {
  const listeners = new Set<(topic: string, data: unknown) => void>()
  return {
    listeners,
    publish: (topic, data) => listeners.forEach((listener) => listener(topic, structuredClone(data))),
    subscribe(topic, listener) {
      const entry = (name: string, data: unknown): void => (name === topic ? listener(data) : undefined)
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
  }
}

const provider = (service: GossipService): PluginInstance =>
  definePlugin({
    name: 'test-gossip',
    version: '1.0.0',
    api: 1,
    provides: [Gossip],
    setup: ({ provide }) => provide(Gossip, service),
  })()

/** A gateway with a plugin that tells words and hears them. */
async function replica(service?: GossipService, id = 'test-words') {
  const heard: [key: string, value: string][] = []
  let state: SharedState<string> | undefined
  const plugin = definePlugin({
    name: 'test-words',
    version: '1.0.0',
    api: 1,
    uses: [Gossip],
    async setup(context) {
      state = await sharedState<string>(context, 'words', {
        accepts: (value): value is string => typeof value === 'string',
        heard(key, value) {
          if (value === 'throw') throw new Error('no')
          heard.push([key, value])
        },
      })
    },
  })
  const on = await createTestGateway({ plugins: [service && provider(service), plugin({}, { id })] })
  return {
    on,
    heard,
    tell: (key: string, value: string) => state!.tell(key, value),
    [Symbol.asyncDispose]: () => on.close(),
  }
}

test('replicas hear each other, the instance of the same name, and never themselves', async () => {
  const service = gossip()
  await using a = await replica(service)
  await using b = await replica(service)
  await using other = await replica(service, 'another')
  a.tell('x', 'one')
  await expect.poll(() => b.heard).toEqual([['x', 'one']])
  expect([a.heard, other.heard]).toEqual([[], []])
})

test('a listener that fails is reported, and hears what comes next', async () => {
  const service = gossip()
  await using a = await replica(service)
  await using b = await replica(service)
  a.tell('x', 'throw')
  await expect.poll(() => b.on.log.entries.some(({ level }) => level === 'error')).toBe(true)
  a.tell('x', 'two')
  await expect.poll(() => b.heard).toEqual([['x', 'two']])
})

test('a gateway that is closed listens no more', async () => {
  const service = gossip()
  const a = await replica(service)
  expect(service.listeners.size).toBe(1)
  await a.on.close()
  expect(service.listeners.size).toBe(0)
})

test('alone, it tells nobody', async () => {
  await using a = await replica()
  a.tell('x', 'one')
  expect(a.heard).toEqual([])
})
