import { rmSync } from 'node:fs'
import { createGateway, definePlugin } from '@sluice/core'
import type { GatewayConfig, PluginInstance } from '@sluice/core'
import { createTestGateway, testPlugin, TestLog } from '@sluice/core/testing'
import { Cache, Counters, Journal, Store } from '@sluice/store-kit'
import { afterAll, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { budget, slots } from './support/claims.ts'
import { Folder } from './support/database.ts'
import type { Handle } from './support/database.ts'

const shared = new Folder()
afterAll(() => shared[Symbol.dispose]())

testPlugin({ test, plugin: sqliteStore({ file: shared.file }) })

/** A plugin that uses all that there is, and hands it out. */
function user(): { plugin: PluginInstance; handles: Handle[] } {
  const handles: Handle[] = []
  const plugin = definePlugin({
    name: 'test-user',
    version: '1.0.0',
    api: 1,
    requires: [Store, Counters, Cache, Journal],
    setup({ get }) {
      handles.push({ store: get(Store), counters: get(Counters), cache: get(Cache), journal: get(Journal) })
    },
  })
  return { plugin: plugin(), handles }
}

test('a reload goes on with the same database, also with other settings', async () => {
  using folder = new Folder()
  const { plugin, handles } = user()
  const config = (size: string): GatewayConfig => ({
    plugins: [sqliteStore({ file: folder.file, cacheSize: size }), plugin],
  })
  const gateway = await createGateway(config('10mb'), { destination: new TestLog() })
  const [first] = handles
  const told: unknown[] = []
  await first!.store.put('a', '1', { n: 1 })
  await first!.counters.reserve('spent', [budget(4)])
  await first!.counters.settle('spent', [budget(4)], [4])

  await gateway.reload(config('20mb'))
  const [, second] = handles
  second!.store.watch('a', (id) => told.push(id))
  expect(await second!.store.get('a', '1')).toEqual({ n: 1 })
  expect(await second!.counters.read([budget(0)])).toMatchObject([{ remaining: 6 }])
  expect(await second!.store.put('a', '1', { n: 2 })).toBe(2)
  expect(told).toEqual(['1'])
  await gateway.close()

  await using again = await createTestGateway(config('10mb'))
  expect(again.url).toBeTruthy()
  const [, , third] = handles
  expect(await third!.store.find('a', '1')).toEqual({ id: '1', value: { n: 2 }, revision: 2 })
  expect(await third!.counters.read([budget(0), slots()])).toMatchObject([{ remaining: 6 }, { remaining: 2 }])
})

test('a second gateway on the same file is refused, and the first goes on', async () => {
  using folder = new Folder()
  const { plugin, handles } = user()
  const config: GatewayConfig = { plugins: [sqliteStore({ file: folder.file }), plugin] }
  await using gateway = await createTestGateway(config)
  await expect(createTestGateway(config)).rejects.toMatchObject({
    code: 'config_invalid',
    problems: [expect.stringContaining(`process ${process.pid}`)],
  })
  expect(gateway.url).toBeTruthy()
  expect(await handles[0]!.store.put('a', '1', {})).toBe(1)
})

test('trouble with the file is in the log, once', async () => {
  using folder = new Folder()
  const { plugin, handles } = user()
  await using gateway = await createTestGateway({ plugins: [sqliteStore({ file: folder.file }), plugin] })
  rmSync(folder.file)
  for (const id of ['1', '2'])
    await expect(handles[0]!.store.put('a', id, {})).rejects.toMatchObject({ code: 'overloaded', status: 503 })
  const lines = gateway.log.entries.filter(({ level }) => level === 'error')
  expect(lines).toMatchObject([{ plugin: 'store-sqlite', reason: expect.stringContaining('deleted') }])
})
