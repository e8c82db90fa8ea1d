/** What operators are told in ten situations. */
import { definePlugin, GatewayError } from '@sluice/core'
import type { PluginInstance, SetupContext } from '@sluice/core'
import { why } from '@sluice/route-kit'
import { Prices } from '@sluice/usage-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sluice } from './support/cli.ts'
import { plugin, setUp } from './support/setting.ts'
import type { Setting } from './support/setting.ts'

/** A plugin that chooses among the targets of one model, and says why. */
function forModel(model: string, id: string, setup: (context: SetupContext<object, never>) => void): PluginInstance {
  return { ...plugin(id, setup), settings: { id, when: { models: [model] } } }
}

const routing = [
  forModel('weighted', 'balance', ({ hooks, id }) => {
    hooks.beforeRoute.tap('order', (targets, exchange) => {
      const ordered = targets.toReversed()
      const told = why(exchange)
      for (const each of targets) told?.scored(each, id, each.weight ?? 1, 'weight')
      told?.ordered(id, ordered)
      return ordered
    })
  }),
  forModel('context', 'fit', ({ hooks, id }) => {
    hooks.beforeRoute.tap({ name: 'window', stage: 'first' }, (targets, exchange) => {
      why(exchange)?.excluded(targets[0]!, id, 'its context window of 4,096 tokens is too small')
      return targets.slice(1)
    })
  }),
  forModel('capability', 'able', ({ hooks, id }) => {
    hooks.beforeRoute.tap({ name: 'capabilities', stage: 'first' }, (targets, exchange) => {
      for (const each of targets) why(exchange)?.excluded(each, id, 'it lacks the capability "vision"')
      return []
    })
  }),
  forModel('breaker', 'resilience', ({ hooks, id }) => {
    hooks.beforeRoute.tap({ name: 'breakers', stage: 'late' }, (targets, exchange) => {
      why(exchange)?.excluded(targets[0]!, id, 'its circuit is open for 12 s')
      why(exchange)?.ordered(id, targets.slice(1))
      return targets.slice(1)
    })
  }),
  forModel('refused', 'rules', ({ hooks, id }) => {
    hooks.beforeRoute.tap({ name: 'rules', stage: 'first' }, (_, exchange) => {
      why(exchange)?.note(id, 'the rule "no-night-shift" holds')
      throw new GatewayError('permission_denied', 'The rule "no-night-shift" refuses this model until 06:00.')
    })
  }),
  forModel('alias', 'aliases', ({ hooks, addModels, id }) => {
    addModels({ find: (name) => (name === 'alias' ? [{ provider: 'up', model: 'small' }] : undefined) })
    hooks.beforeRoute.tap({ name: 'aliases', stage: 'first' }, (_, exchange) => {
      why(exchange)?.note(id, '"alias" stands for up/small')
    })
  }),
  forModel('canary', 'rollout', ({ hooks, id }) => {
    hooks.beforeRoute.tap({ name: 'arms', stage: 'early' }, (targets, exchange) => {
      why(exchange)?.note(id, 'arm "canary" (10 %), by the hash of the key')
      return targets.toReversed()
    })
  }),
  forModel('budget', 'budgets', ({ hooks }) => {
    hooks.admit.tap('reserve', () => {
      throw new GatewayError('budget_exceeded', 'The budget "team" of $10 per month is used up.')
    })
  }),
]

const prices = definePlugin({
  name: 'test-prices',
  version: '1.0.0',
  api: 1,
  provides: [Prices],
  setup: ({ provide }) =>
    provide(Prices, {
      quote: ({ model }) =>
        model === 'large' ? { cost: () => null, most: (input, output) => (input + output) * 1000 } : undefined,
    }),
})

const PAIR = { targets: ['up/small', { target: 'up/large', weight: 3, region: 'eu' }] }
const NAMES = ['weighted', 'context', 'capability', 'breaker', 'refused', 'canary', 'budget']
const models = { single: 'up/small', ...Object.fromEntries(NAMES.map((name) => [name, PAIR])) }

describe('sluice explain', { timeout: 60_000 }, () => {
  let setting: Setting
  beforeAll(async () => {
    setting = await setUp([...routing, prices()], models)
  })
  afterAll(() => setting[Symbol.asyncDispose]())
  const run = (...args: readonly string[]) =>
    sluice('explain', '--url', setting.gateway.url, '--key', 'operator', ...args)

  test.each([
    [
      'single',
      `
      single would call up/small
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/small
      `,
    ],
    [
      'weighted',
      `
      weighted would call up/large
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/large  weight 3, eu  ≤ $0.0041  balance: 3 weight
        2  up/small                           balance: 1 weight

      Order
        balance  up/large, up/small

      Taps, in their order
        beforeRoute  balance  order  normal  # ms
      `,
    ],
    [
      'context',
      `
      context would call up/large
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/large  weight 3, eu  ≤ $0.0041
        –  up/small                           out by fit: its context window of 4,096 tokens is too small

      Taps, in their order
        beforeRoute  fit  window  first  # ms
      `,
    ],
    [
      'capability',
      `
      capability would be refused: 503 no_target_available
        why     No target of the model "capability" can serve this request.
        by      the gateway
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        –  up/small                           out by able: it lacks the capability "vision"
        –  up/large  weight 3, eu  ≤ $0.0041  out by able: it lacks the capability "vision"

      Taps, in their order
        beforeRoute  able  capabilities  first  # ms
      `,
    ],
    [
      'breaker',
      `
      breaker would call up/large
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/large  weight 3, eu  ≤ $0.0041
        –  up/small                           out by resilience: its circuit is open for 12 s

      Order
        resilience  up/large

      Taps, in their order
        beforeRoute  resilience  breakers  late  # ms
      `,
    ],
    [
      'refused',
      `
      refused would be refused: 403 permission_denied
        why     The rule "no-night-shift" refuses this model until 06:00.
        by      rules in beforeRoute
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        –  up/small
        –  up/large  weight 3, eu  ≤ $0.0041

      Notes
        rules  the rule "no-night-shift" holds

      Taps, in their order
        beforeRoute  rules  first  # ms
      `,
    ],
    [
      'alias',
      `
      alias would call up/small
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/small

      Notes
        aliases  "alias" stands for up/small

      Taps, in their order
        beforeRoute  aliases  first  # ms
      `,
    ],
    [
      'canary',
      `
      canary would call up/large
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        1  up/large  weight 3, eu  ≤ $0.0041
        2  up/small

      Notes
        rollout  arm "canary" (10 %), by the hash of the key

      Taps, in their order
        beforeRoute  rollout  arms  early  # ms
      `,
    ],
    [
      'budget',
      `
      budget would be refused: 402 budget_exceeded
        why     The budget "team" of $10 per month is used up.
        by      budgets in admit
        for     operator, team ops
        tokens  8 in, 4096 out

      Targets
        –  up/small
        –  up/large  weight 3, eu  ≤ $0.0041

      Taps, in their order
        admit  budgets  reserve  normal  # ms
      `,
    ],
    [
      'pear',
      `
      pear would be refused: 404 model_not_found
        why     The model "pear" does not exist here. Did you mean "pair"?
        by      the gateway
        for     operator, team ops
        tokens  8 in, 4096 out
      `,
    ],
  ])('tells of the model %s', async (model, expected) => {
    const { code, stdout, stderr } = await run('--model', model)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: lines(expected), stderr: '' })
    expect(setting.upstream.requests).toEqual([])
  })

  test('takes a whole request, and answers programs in JSON', async () => {
    const request = { model: 'weighted', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }
    const { stdout } = await run('--json', JSON.stringify(request), '--output', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ target: 'up/large', estimate: { outputTokens: 10, limited: true } })
  })

  test('fails with what the gateway says', async () => {
    const { code, stdout, stderr } = await run('--model', 'single', '--key-id', 'key_nobody')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('There is no key')
  })
})

/** As it stands in the table, without the margin. */
function lines(text: string): string {
  return `${text.replaceAll(/^ {6}/gm, '').trim()}\n`
}
