/** The suite that every provider reached over HTTP must pass. Works with any runner that has `test(name, run)`. */
import assert from 'node:assert/strict'
import type { PluginInstance } from '../plugin.ts'
import type { TestFunction } from './dialect-subject.ts'
import { refusedUrl } from './mock-upstream.ts'
import { API_KEY, CLIENT_KEY, onBench } from './provider-bench.ts'
import type { Bench } from './provider-bench.ts'
import { json, rateLimited } from './replies.ts'

/** What the suite sets; every HTTP provider has these options. */
export interface ProviderOptions {
  apiKey: string
  baseUrl: string
  headers?: { [name: string]: string }
}

export interface TestProviderOptions {
  test: TestFunction
  /** The plugin's factory, or a function that adds the other options it needs. */
  plugin: (options: ProviderOptions) => PluginInstance
  /** The plugin of the dialect that the provider speaks. */
  dialectPlugin: PluginInstance
  /** A model's name at the provider. */
  model: string
  /** Header that carries the credential, in lower case, and its value for a given key. */
  credential: { header: string; value: (apiKey: string) => string }
  /** Paths (and query) below the base URL for a whole answer and for a stream. */
  paths: { chat: string; stream: string }
  /** Where clients of the dialect ask the model `sample`, if the path names it. Default: the dialect's first chat endpoint. */
  clientPaths?: { chat: string; stream: string }
}

/**
 * Registers the tests: requests go to the right path with the provider's own credential and fixed headers
 * and never with the client's; refusals keep what the client needs and leak nothing; the key is printed nowhere.
 */
export function testProvider(options: TestProviderOptions): void {
  const { test, plugin, dialectPlugin, model, credential, paths, clientPaths } = options
  const check = (
    name: string,
    use: (bench: Bench) => Promise<void>,
    change?: (options: ProviderOptions) => object,
  ): void => {
    test(name, () => {
      const provider = (baseUrl: string): PluginInstance => {
        const options = { apiKey: API_KEY, baseUrl }
        return plugin({ ...options, ...change?.(options) })
      }
      return onBench({ provider, dialectPlugin, model, clientPaths }, use)
    })
  }

  const kinds = [
    { what: 'whole answer', stream: false, path: paths.chat },
    { what: 'stream', stream: true, path: paths.stream },
  ]
  for (const { what, stream, path } of kinds) {
    check(
      `a request for a ${what} goes to its path with the provider's credential and the target's model`,
      async ({ askWell }) => {
        const request = await askWell(stream)
        assert.deepEqual([request.method, request.path], ['POST', path])
        assert.equal(request.headers[credential.header], credential.value(API_KEY))
        assert.equal(request.headers['content-type'], 'application/json')
        // Some dialects name the model in the path only.
        const { model: sent = model } = request.json()
        assert.equal(sent, model)
      },
    )

    check(`a request for a ${what} never carries the client's credential`, async ({ askWell }) => {
      const { path: sent, headers, body } = await askWell(stream)
      assert.ok(!`${sent}${JSON.stringify(headers)}${body.toString()}`.includes(CLIENT_KEY))
    })
  }

  for (const slash of ['', '/']) {
    check(
      `the base URL may have a path${slash && ' and a slash at its end'}`,
      async ({ askWell }) => assert.equal((await askWell(false)).path, `/base${paths.chat}`),
      ({ baseUrl }) => ({ baseUrl: `${baseUrl}/base${slash}` }),
    )
  }

  check(
    'fixed headers are sent',
    async ({ askWell }) => assert.equal((await askWell(false)).headers['x-fixed'], 'one'),
    () => ({ headers: { 'x-fixed': 'one' } }),
  )

  check(
    "a refused credential is the gateway's trouble, not the client's, and is not shown",
    async ({ upstream, ask, gateway }) => {
      upstream.reply(json({ error: { message: `Incorrect API key: ${API_KEY}` } }, { status: 401 }))
      const reply = await ask(false)
      assert.equal(reply.status, 502)
      assert.ok(!reply.text.includes(API_KEY))
      assert.ok(!gateway.log.text().includes(API_KEY))
    },
  )

  check('a rate limit reaches the client with its wait', async ({ upstream, ask }) => {
    upstream.reply(rateLimited(7))
    for (const stream of [false, true]) {
      const reply = await ask(stream)
      assert.deepEqual([reply.status, reply.headers['retry-after']], [429, '7'])
    }
  })

  check('the key is neither logged nor shown by inspect()', async ({ askWell, gateway }) => {
    await askWell(true)
    assert.ok(!gateway.log.text().includes(API_KEY))
    assert.ok(!JSON.stringify(gateway.gateway.inspect()).includes(API_KEY))
  })

  test('an upstream that cannot be reached is a 502 that does not show where it is', async () => {
    const baseUrl = await refusedUrl()
    const provider = (): PluginInstance => plugin({ apiKey: API_KEY, baseUrl })
    await onBench({ provider, dialectPlugin, model, clientPaths }, async ({ ask }) => {
      const reply = await ask(false)
      assert.equal(reply.status, 502)
      assert.ok(!reply.text.includes(new URL(baseUrl).port))
    })
  })
}
