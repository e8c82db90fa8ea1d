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
        "first: route-rollout (arms)",
        "first: route-explain (candidates)",
        "normal: limit-rate (spending)",
        "normal: limit-budget (reserve)",
        "normal: usage-ledger (room)",
      ],
      "afterAttempt": [
        "normal: limit-rate (provider)",
        "normal: route-balance (measure)",
        "normal: route-resilience (health)",
        "last: route-explain (forget)",
      ],
      "authenticate": [
        "normal: auth-keys (keys)",
      ],
      "authorize": [
        "first: access-rbac (roles)",
        "early: auth-keys (restrictions)",
        "early: route-explain (begin)",
        "normal: route-rules (provider-field)",
        "late: limit-rate (requests)",
        "last: usage-prices (include)",
      ],
      "beforeAttempt": [
        "first: route-rules (requirements)",
        "first: route-explain (stop)",
        "early: limit-rate (provider)",
        "normal: route-resilience (departure)",
        "normal: store-responses (prepare)",
        "last: usage-ledger (begin)",
        "last: route-rollout (exposure)",
        "last: route-balance (count)",
      ],
      "beforeRoute": [
        "first: route-rules (rules)",
        "early: route-rollout (arm)",
        "normal: route-balance (order)",
        "normal: store-responses (keeper)",
        "late: route-resilience (health)",
        "last: auth-keys (providers)",
        "last: route-rules (requirements)",
      ],
      "close": [
        "normal: store-responses (background)",
      ],
      "onAttemptError": [
        "normal: store-responses (keeper)",
        "late: route-resilience (recovery)",
        "last: route-rules (preferences)",
      ],
      "onComplete": [
        "normal: usage-ledger (row)",
        "normal: route-balance (settle)",
        "normal: route-explain (finish)",
        "normal: store-responses (background)",
        "late: limit-rate (settle)",
        "late: limit-budget (settle)",
        "late: route-rollout (count)",
        "last: log-audit (access)",
        "last: log-access (line)",
      ],
      "onRequest": [
        "first: route-explain (timings)",
      ],
      "onResponse": [
        "normal: dialect-bedrock (request-id)",
        "normal: limit-rate (headers)",
        "normal: route-rollout (variant)",
        "normal: route-balance (measure)",
        "normal: route-resilience (health)",
        "last: route-explain (header)",
        "last: route-explain (limits)",
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
        "normal: limit-rate (relays)",
        "normal: usage-prices (providers)",
        "normal: usage-ledger (orphans)",
        "normal: route-rollout (rollouts)",
        "normal: route-balance (models)",
        "normal: route-resilience (models)",
        "normal: route-explain (when)",
        "normal: store-responses (providers)",
        "last: route-rules (names)",
      ],
      "transformRequest": [
        "first: route-rules (provider-field)",
        "first: route-resilience (asking)",
        "first: route-resilience (wishes)",
        "first: store-responses (conversation)",
        "last: usage-prices (include)",
      ],
      "transformResponse": [
        "last: usage-prices (include)",
        "last: store-responses (keep)",
      ],
      "transformStream": [
        "normal: route-resilience (slow)",
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
      "route-resilience",
      "route-balance",
      "route-rules",
      "route-rollout",
      "route-explain",
      "store-responses",
      "log-access",
    ]
  `)
  expect(capabilities).toMatchInlineSnapshot(`
    {
      "Audit": "log-audit",
      "Cache": "store-sqlite",
      "Counters": "store-sqlite",
      "Health": "route-resilience",
      "Journal": "store-sqlite",
      "Ledger": "usage-ledger",
      "Prices": "usage-prices",
      "Roles": "access-rbac",
      "Store": "store-sqlite",
      "TargetStats": "route-balance",
    }
  `)
})
