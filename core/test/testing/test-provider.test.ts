import { describe, expect, test } from 'vitest'
import { testProvider } from '../../src/testing/index.ts'
import type { TestFunction } from '../../src/testing/index.ts'
import { failures } from './failures.ts'
import { dialectToy, providerToy } from './toy-plugins.ts'
import type { ToyWays } from './toy-plugins.ts'

const suite = (run: TestFunction, plugin = providerToy()): void =>
  testProvider({
    test: run,
    plugin,
    dialectPlugin: dialectToy(),
    model: 'toy-1',
    credential: { header: 'x-toy-key', value: (key) => key },
    paths: { chat: '/whole', stream: '/stream' },
  })

suite(test)

describe('a provider is caught that', () => {
  test.each<[what: string, ways: Partial<ToyWays>, check: string]>([
    ['asks at the wrong path', { path: () => '/wrong' }, 'a request for a whole answer goes'],
    ['streams from the wrong path', { path: () => '/whole' }, 'a request for a stream goes'],
    ['sends no credential', { headers: () => ({}) }, 'a request for a whole answer goes'],
    ['forgets fixed headers', { headers: ({ apiKey }) => ({ 'x-toy-key': apiKey }) }, 'fixed headers'],
    ['keeps the slash of its base URL', { base: (baseUrl) => baseUrl }, 'the base URL may have a path and a slash'],
  ])('%s', async (_what, ways, check) => {
    const failed = await failures((run) => suite(run, providerToy(ways)))
    expect(failed.filter((name) => name.startsWith(check))).not.toEqual([])
  })
})
