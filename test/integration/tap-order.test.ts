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
  ).toEqual([['onComplete', ['last: log-access (line)']]])
  expect(plugins.map(({ id }) => id)).toEqual([
    ...['dialect-openai', 'dialect-anthropic', 'dialect-gemini', 'dialect-cohere', 'dialect-bedrock'],
    ...['echo', 'log-access'],
  ])
  expect(capabilities).toEqual({})
})
