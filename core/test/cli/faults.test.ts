import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { configOf, Folder, PATIENCE, sluice } from './cli.ts'

const OPTIONS = `const limit = definePlugin({
  name: 'limit-test', version: '1.0.0', api: 1,
  options: Type.Object({ rate: Type.Optional(Type.Number()), burst: Type.Optional(Type.Number()) }, { additionalProperties: false }),
  setup() {},
})`
const CAPABILITIES = `const a = capability('a', { plugins: ['store-one', 'store-two'] })
const b = capability('b')
const plugin = (name, requires, provides) =>
  definePlugin({ name, version: '1.0.0', api: 1, requires, provides, setup() {} })()`

/** Config, code before it, and what must be said of it. */
const FAULTS: { [fault: string]: { config: string; code?: string; says: RegExp[] } } = {
  'unknown options, each of them': {
    config: `{ plugins: [limit({ rat: 1 }), limit({ bursts: 2 }, { id: 'other' })] }`,
    code: OPTIONS,
    says: [
      /plugin_options/,
      /2 problems/,
      /plugins\[limit-test\]\.rat: .*Did you mean "rate"/,
      /plugins\[other\]\.bursts: .*Did you mean "burst"/,
    ],
  },
  'an option of the wrong type': {
    config: `{ plugins: [limit({ rate: 'fast' })] }`,
    code: OPTIONS,
    says: [/plugin_options/, /plugins\[limit-test\]\.rate: must be number, not "fast"/],
  },
  'a capability that nobody provides': {
    config: `{ plugins: [plugin('limit-test', [a], [])] }`,
    code: CAPABILITIES,
    says: [/capability_missing/, /plugins\[limit-test\]: needs "a".*store-one, store-two/],
  },
  'capabilities in a circle': {
    config: `{ plugins: [plugin('store-a', [b], [a]), plugin('store-b', [a], [b])] }`,
    code: CAPABILITIES,
    says: [/capability_cycle/, /store-a → store-b → store-a/],
  },
  'one id for two instances': {
    config: `{ plugins: [echo({}, { id: 'twin' }), echo({}, { id: 'twin' })] }`,
    says: [/config_invalid/, /plugins\[twin\]: two plugin instances/],
  },
  'a target of an unknown provider': {
    config: `{ models: { fast: 'ecko/x', slow: 'nobody/x' }, plugins: [openaiDialect(), echo()] }`,
    says: [
      /config_invalid/,
      /models\[fast\]: target "ecko\/x".*Did you mean "echo"/,
      /models\[slow\]: target "nobody\/x"/,
    ],
  },
  'an environment variable that is not set': {
    config: `{ plugins: [openai({ apiKey: env('SLUICE_TEST_NOT_SET') })] }`,
    code: `import { openai } from '@sluice/provider-openai'`,
    says: [/config_invalid/, /plugins\[provider-openai\]|plugins\[openai\]/, /SLUICE_TEST_NOT_SET is not set/],
  },
  'mistakes of several kinds': {
    config: `{ sever: {}, server: { heartbeat: 'often', logLevel: 'loud' }, models: { a: { targets: [] } }, plugins: [echo, limit({ rat: 1 })] }`,
    code: OPTIONS,
    says: [
      /sever: .*Did you mean "server"/,
      /server\.heartbeat: "often" is not of the form/,
      /server\.logLevel: "loud" is not allowed/,
      /plugins\[0\]: must be a plugin.*It is a factory: call it/,
      /models\[a\]\.targets/,
      /\.rat/,
    ],
  },
  'a plugin that fails in its setup': {
    config: `{ plugins: [definePlugin({ name: 'limit-test', version: '1.0.0', api: 1, setup() { throw new Error('no luck') } })()] }`,
    says: [/plugins\[limit-test\]: no luck/],
  },
  'a config that throws': {
    config: '{}',
    code: `null.x`,
    says: [/gateway\.config\.ts:4: .*Cannot read properties of null/],
  },
}

/** Whole files that are no config. */
const BROKEN: { [fault: string]: { files: { [path: string]: string }; says: RegExp[] } } = {
  'a mistake of syntax': {
    files: { 'gateway.config.ts': 'export default {\n  models: {}\n  plugins: [],\n}\n' },
    says: [/gateway\.config\.ts:3: /, /Expected ','/, /\n {4}.*plugins: \[\],\n/],
  },
  'a mistake of syntax in a file that the config imports': {
    files: { 'gateway.config.ts': `import './parts/models.ts'\nexport default {}`, 'parts/models.ts': '\n\nconst = 1' },
    says: [/parts\/models\.ts:3: /],
  },
  'TypeScript that is more than types': {
    files: { 'gateway.config.ts': 'export default {}\nenum Level { low }\n' },
    says: [/gateway\.config\.ts:2: /, /enum/, /Node only strips types/],
  },
  'no default export': {
    files: { 'gateway.config.ts': 'export const config = {}' },
    says: [/export default defineConfig/],
  },
  'a default export that is no object': {
    files: { 'gateway.config.ts': 'export default () => ({})' },
    says: [/a function as its default.*export default defineConfig/],
  },
  'a package that is not installed': {
    files: { 'gateway.config.ts': `\nimport { x } from '@sluice/not-there'\nexport default {}` },
    says: [/gateway\.config\.ts:2: the package "@sluice\/not-there" is not installed.*npm install @sluice\/not-there/],
  },
  'an import without its extension': {
    files: { 'gateway.config.ts': `import './models'\nexport default {}`, 'models.ts': '' },
    says: [/gateway\.config\.ts:1: there is no file "\.\/models".*"\.\/models\.ts"/],
  },
  'an export that is not there': {
    files: { 'gateway.config.ts': `\nimport { nothing } from '@sluice/core'\nexport default {}` },
    says: [/gateway\.config\.ts:2: .*'@sluice\/core'.*'nothing'/],
  },
  'no file': { files: {}, says: [/There is no config at gateway\.config\.ts/] },
}

/** Expects that `start` ends with 1, says all that, shows no trace, and leaves nothing that listens. */
async function expectRefusal(files: { [path: string]: string }, says: readonly RegExp[]): Promise<void> {
  using folder = new Folder(files)
  const port = await freePort()
  const { code, stdout, stderr } = await sluice(folder, 'start', '--port', String(port))
  expect([code, stdout]).toEqual([1, ''])
  for (const pattern of says) expect(stderr).toMatch(pattern)
  expect(stderr).toMatch(/^error \(\w+\): /)
  expect(stderr).not.toMatch(/^ +at /m)
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('fetch failed')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.concurrent('a faulty config stops the start', { timeout: PATIENCE }, () => {
  test.for(Object.entries(FAULTS))('%s', ([, { config, code, says }]) =>
    expectRefusal({ 'gateway.config.ts': configOf(config, code) }, says),
  )
  test.for(Object.entries(BROKEN))('%s', ([, { files, says }]) => expectRefusal(files, says))
})
