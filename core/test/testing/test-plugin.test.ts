import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { definePlugin, Type } from '../../src/index.ts'
import type { PluginInstance } from '../../src/index.ts'
import { testPlugin } from '../../src/testing/index.ts'
import { failures } from './failures.ts'
import { dialectToy, providerToy } from './toy-plugins.ts'

const toy = providerToy()({ apiKey: 'key', baseUrl: 'http://toy' })
const supporting = [dialectToy()]

testPlugin({ test, plugin: toy, supporting })
testPlugin({ test, plugin: dialectToy() })

const changed = (change: Partial<PluginInstance['definition']>): PluginInstance => ({
  ...toy,
  definition: { ...toy.definition, ...change },
})

const open = Type.Object({ apiKey: Type.String({ description: 'Key.' }) })
const mute = Type.Object({ apiKey: Type.String(), baseUrl: Type.String() }, { additionalProperties: false })
const deep = Type.Object(
  {
    list: Type.Array(Type.Object({ a: Type.Optional(Type.String({ description: 'A.' })) }), {
      description: 'List.',
      default: [],
    }),
  },
  { additionalProperties: false },
)

describe('a plugin is caught that', () => {
  test.each<[what: string, plugin: PluginInstance, check: string]>([
    ['has no proper name', changed({ name: 'Toy' }), 'Toy says its name'],
    ['has no version', changed({ version: 'new' }), 'provider-toy says its name'],
    ['is made for another API', changed({ api: 2 }), 'provider-toy boots'],
    ['takes any option', changed({ options: open }), 'provider-toy refuses'],
    ['has open options', changed({ options: open }), 'provider-toy describes'],
    ['explains no option', changed({ options: mute }), 'provider-toy describes'],
    ['has open options further in', changed({ options: deep }), 'provider-toy describes'],
    ['cannot be set up', changed({ setup: () => Promise.reject(new Error('no')) }), 'provider-toy boots'],
    [
      'fails to close',
      changed({ setup: (context) => context.onClose(() => Promise.reject(new Error('no'))) }),
      'provider-toy boots',
    ],
  ])('%s', async (_what, plugin, check) => {
    const failed = await failures((run) => testPlugin({ test: run, plugin, supporting }))
    expect(failed.filter((name) => name.startsWith(check))).not.toEqual([])
  })

  test('leaves something listening', async () => {
    const server = createServer()
    const plugin = changed({ setup: () => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)) })
    const failed = await failures((run) => testPlugin({ test: run, plugin, supporting }))
    server.close()
    expect(failed.filter((name) => name.startsWith('provider-toy boots'))).not.toEqual([])
  })

  test('takes something that there is only one of', async () => {
    const taken = new Set<string>()
    const once = definePlugin({
      name: 'provider-once',
      version: '1.0.0',
      api: 1,
      setup(context) {
        if (taken.has('port')) throw new Error('taken')
        taken.add('port')
        context.onClose(() => void taken.delete('port'))
      },
    })
    const failed = await failures((run) => testPlugin({ test: run, plugin: once() }))
    expect(failed).toEqual(['provider-once can live twice in one gateway under two ids'])
  })
})
