/** What `sluice inspect` says of the gateway as it comes: which plugin taps which hook, in which order. A change here is a change of behaviour. */
import { createTestGateway } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import config from '../../gateway.config.ts'

test('the taps of the default config run in this order', async () => {
  await using setting = await createTestGateway(config, { environment: {} })
  const { hooks, plugins, capabilities } = setting.gateway.inspect()
  const tapped = Object.entries(hooks).filter(([, taps]) => taps.length > 0)
  const order = tapped.map(([hook, taps]) => [
    hook,
    taps.map(({ plugin, name, stage }) => `${stage}: ${plugin} (${name})`),
  ])
  expect(Object.fromEntries(order)).toMatchInlineSnapshot(`
    {
      "admit": [
        "normal: limit-rate (spending)",
        "normal: limit-budget (reserve)",
        "normal: usage-ledger (room)",
      ],
      "afterAttempt": [
        "normal: limit-rate (provider)",
      ],
      "authenticate": [
        "normal: auth-keys (keys)",
      ],
      "authorize": [
        "first: access-rbac (roles)",
        "early: auth-keys (restrictions)",
        "late: limit-rate (requests)",
        "last: usage-prices (include)",
      ],
      "beforeAttempt": [
        "early: limit-rate (provider)",
        "normal: store-responses (prepare)",
        "last: usage-ledger (begin)",
      ],
      "beforeRoute": [
        "normal: store-responses (keeper)",
        "last: auth-keys (providers)",
      ],
      "close": [
        "normal: store-responses (background)",
      ],
      "onAttemptError": [
        "normal: store-responses (keeper)",
      ],
      "onComplete": [
        "normal: usage-ledger (row)",
        "normal: store-responses (background)",
        "late: limit-rate (settle)",
        "late: limit-budget (settle)",
        "last: log-audit (access)",
        "last: log-access (line)",
      ],
      "onResponse": [
        "normal: dialect-bedrock (request-id)",
        "normal: limit-rate (headers)",
      ],
      "onStreamPart": [
        "normal: store-responses (origin)",
      ],
      "onUsage": [
        "first: store-responses (usage)",
        "late: usage-prices (price)",
      ],
      "ready": [
        "normal: auth-keys (keys)",
        "normal: access-rbac (routes)",
        "normal: usage-prices (providers)",
        "normal: usage-ledger (orphans)",
        "normal: store-responses (providers)",
      ],
      "transformRequest": [
        "first: store-responses (conversation)",
        "last: usage-prices (include)",
      ],
      "transformResponse": [
        "last: usage-prices (include)",
        "last: store-responses (keep)",
      ],
      "transformStream": [
        "last: usage-prices (include)",
        "last: store-responses (keep)",
      ],
    }
  `)
  expect(plugins.map(({ id }) => id)).toMatchInlineSnapshot(`
    [
      "dialect-openai",
      "dialect-anthropic",
      "dialect-gemini",
      "dialect-cohere",
      "dialect-bedrock",
      "echo",
      "store-sqlite",
      "log-audit",
      "access-rbac",
      "auth-keys",
      "limit-rate",
      "usage-prices",
      "limit-budget",
      "usage-ledger",
      "admin-api",
      "store-responses",
      "log-access",
    ]
  `)
  expect(capabilities).toMatchInlineSnapshot(`
    {
      "Audit": "log-audit",
      "Cache": "store-sqlite",
      "Counters": "store-sqlite",
      "Journal": "store-sqlite",
      "Ledger": "usage-ledger",
      "Prices": "usage-prices",
      "Roles": "access-rbac",
      "Store": "store-sqlite",
    }
  `)
})
