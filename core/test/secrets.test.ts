import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createGateway, definePlugin, secret, Type } from '../src/index.ts'
import { TestLog } from '../src/testing/test-log.ts'

const seen: string[] = []
/** Remembers what it is given. */
const holder = definePlugin({
  name: 'log-holder',
  version: '1.0.0',
  api: 1,
  options: Type.Object({
    apiKey: Type.String(),
    url: Type.Optional(Type.String()),
    more: Type.Optional(Type.Array(Type.String())),
  }),
  setup({ options, log }) {
    seen.push(options.apiKey, ...(options.more ?? []))
    log.info(`I was given ${options.apiKey}`)
  },
})
const vault = definePlugin({
  name: 'secrets-test',
  version: '1.0.0',
  api: 1,
  resolves: ['safe'],
  options: Type.Object({ texts: Type.Record(Type.String(), Type.String()) }),
  setup({ options, addSecrets }) {
    addSecrets('safe', async (address) => {
      const text = (options.texts as { [name: string]: string })[address]
      if (text === undefined) throw new Error('there is none')
      return text
    })
  },
})
const server = { logLevel: 'info' } as const

test('a plugin resolves references of its scheme for those set up after it, wherever they stand', async () => {
  seen.length = 0
  const destination = new TestLog()
  const plugins = [
    holder({ apiKey: secret('safe:a'), more: [secret('safe:b')] }),
    vault({ texts: { 'safe:a': 'text of a secret', 'safe:b': 'another text' } }),
  ]
  const gateway = await createGateway({ server, plugins }, { destination })
  expect(seen).toEqual(['text of a secret', 'another text'])
  expect(JSON.stringify(gateway.inspect())).not.toContain('text of a secret')
  await gateway.close()
  expect(destination.text()).toContain('I was given ***')
})

test('what cannot be resolved stops the boot, and says where', async () => {
  const wanting = holder({ apiKey: secret('safe:none') })
  const boot = (plugins: ReturnType<typeof holder>[]) => createGateway({ server, plugins })
  await expect(boot([wanting])).rejects.toThrow('plugins[log-holder].apiKey: no plugin resolves "safe:none"')
  await expect(boot([wanting, vault({ texts: {} })])).rejects.toThrow(
    'plugins[log-holder].apiKey: safe:none cannot be read: there is none',
  )
})

test('a file with a secret is read again when it changes', { timeout: 15_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'key')
  writeFileSync(file, 'the first text\n')
  seen.length = 0
  const plugins = [holder({ apiKey: secret(`file:${file}`) })]
  const gateway = await createGateway({ server, plugins }, { destination: new TestLog() })
  writeFileSync(file, 'the second text\n')
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['the first text', 'the second text'])
  expect(gateway.revision).toBe(2)
  await gateway.close()
})

test('a password within an address is not shown', async () => {
  const plugins = [holder({ apiKey: 'of no matter', url: 'redis://user:a-long-password@127.0.0.1' })]
  const gateway = await createGateway({ server, plugins }, { destination: new TestLog() })
  expect(JSON.stringify(gateway.inspect())).not.toContain('a-long-password')
  await gateway.close()
})
