/** What `sluice inspect` says of the gateway as it comes: which plugin taps which hook, in which order. A change here is a change of behaviour. */
import { createGateway } from '@sluice/core'
import { expect, test } from 'vitest'
import config from '../../gateway.config.ts'

test('the taps of the default config run in this order', async () => {
  const gateway = await createGateway(config, { environment: {}, destination: { write: () => undefined } })
  const { hooks, plugins, capabilities } = gateway.inspect()
  await gateway.close()
  const tapped = Object.entries(hooks).filter(([, taps]) => taps.length > 0)
  expect(
    tapped.map(([hook, taps]) => [hook, taps.map(({ plugin, name, stage }) => `${stage}: ${plugin} (${name})`)]),
  ).toEqual([
    ['transformRequest', ['first: store-responses (conversation)']],
    ['beforeRoute', ['normal: store-responses (keeper)']],
    ['beforeAttempt', ['normal: store-responses (prepare)']],
    ['onAttemptError', ['normal: store-responses (keeper)']],
    ['transformResponse', ['last: store-responses (keep)']],
    ['transformStream', ['last: store-responses (keep)']],
    ['onResponse', ['normal: dialect-bedrock (request-id)']],
    ['onStreamPart', ['normal: store-responses (origin)']],
    ['onUsage', ['first: store-responses (usage)']],
    ['onComplete', ['normal: store-responses (background)', 'last: log-access (line)']],
    ['ready', ['normal: store-responses (providers)']],
    ['close', ['normal: store-responses (background)']],
  ])
  const dialects = ['dialect-openai', 'dialect-anthropic', 'dialect-gemini', 'dialect-cohere', 'dialect-bedrock']
  const others = ['echo', 'store-memory', 'store-responses', 'log-access']
  expect(plugins.map(({ id }) => id)).toEqual(dialects.concat(others))
  expect(capabilities).toEqual({ Store: 'store-memory' })
})
