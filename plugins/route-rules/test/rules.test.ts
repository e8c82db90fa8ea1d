import type { JsonObject, Principal } from '@sluice/core'
import { STRATEGY, routedModel } from '@sluice/route-kit'
import { definePlugin, Type } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { answer, stage } from './support/stage.ts'
import type { RuleOptions } from './support/stage.ts'

type Rules = NonNullable<RuleOptions['rules']>
const callers: { [token: string]: Principal } = {
  alice: {
    id: 'alice',
    key: 'key_a',
    team: 'red',
    user: 'alice',
    tags: ['vip'],
    roles: ['client'],
    metadata: { plan: 'gold' },
  },
  bob: { id: 'bob', key: 'key_b', team: 'blue', metadata: { plan: 'free' } },
}
const to = (target: string): { target: string } => ({ target })
const say = (content: string): JsonObject => ({ messages: [{ role: 'user', content }] })

/** Rule, a request that it is for, and one that it is not for. */
type Case = [string, Rules[number]['when'], matching: Asked, other: Asked]
type Asked = { body?: JsonObject; headers?: { [name: string]: string }; path?: string }

describe('a rule sends those requests to its target that it is for', () => {
  const cases: Case[] = [
    ['models', { models: ['n', 'other-*'] }, { body: { model: 'n' } }, { body: { model: 'm' } }],
    ['keys', { keys: ['key_a'] }, { headers: { authorization: 'alice' } }, { headers: { authorization: 'bob' } }],
    ['users', { users: ['alice'] }, { headers: { authorization: 'alice' } }, { headers: { authorization: 'bob' } }],
    ['teams', { teams: ['red'] }, { headers: { authorization: 'alice' } }, { headers: { authorization: 'bob' } }],
    ['tags', { tags: ['vip'] }, { headers: { authorization: 'alice' } }, { headers: { authorization: 'bob' } }],
    ['roles', { roles: ['client'] }, { headers: { authorization: 'alice' } }, {}],
    ['operations', { operations: ['chat'] }, {}, { body: { input: 'x' }, path: '/v1/embeddings' }],
    [
      'a header',
      { headers: { 'X-Tier': 'gold' } },
      { headers: { 'x-tier': 'gold' } },
      { headers: { 'x-tier': 'golden' } },
    ],
    ['a header by pattern', { headers: { 'x-tier': ['g*d', 'platinum'] } }, { headers: { 'x-tier': 'gold' } }, {}],
    ['a header that is there', { headers: { 'x-a': true } }, { headers: { 'x-a': '' } }, {}],
    ['a header that is not', { headers: { 'x-a': false } }, {}, { headers: { 'x-a': '1' } }],
    [
      'metadata',
      { metadata: { plan: 'gold' } },
      { headers: { authorization: 'alice' } },
      { headers: { authorization: 'bob' } },
    ],
    [
      'no inherited metadata',
      { metadata: { toString: false } },
      { headers: { authorization: 'bob' } },
      { body: { model: 'none/x' } },
    ],
    [
      'request metadata',
      { requestMetadata: { job: 'n*' } },
      { body: { metadata: { job: 'nightly' } } },
      { body: { metadata: {} } },
    ],
    ['few tokens', { maxTokens: 200 }, {}, { body: say('word '.repeat(400)) }],
    ['many tokens', { minTokens: 200 }, { body: say('word '.repeat(400)) }, {}],
    ['languages', { languages: ['de'] }, { body: say('Wie geht es dir heute?') }, { body: say('How are you today?') }],
    ['an unknown language', { languages: ['unknown'] }, { body: say('12345') }, { body: say('How are you today?') }],
  ]
  test.each(cases)('%s', async (_, when = {}, matching, other) => {
    await using on = await stage({
      callers,
      models: { n: 'a/n' },
      options: { rules: [{ name: 'r', when, then: to('c/ruled') }] },
    })
    expect(await on.served(matching.body, matching.headers)).toBe('c/ruled')
    const reply = await on.ask(other.body, other)
    expect(reply.headers['x-sluice-model']).not.toBe('c/ruled')
  })
})

const FIRST_THEN: [string, Rules, unknown][] = [
  [
    'the first that matches holds',
    [
      { name: 'x', then: to('b/x') },
      { name: 'y', then: to('c/y') },
    ],
    'b/x',
  ],
  [
    'the next is asked if it does not match',
    [
      { name: 'x', when: { models: ['n'] }, then: to('b/x') },
      { name: 'y', then: to('c/y') },
    ],
    'c/y',
  ],
  [
    'a later one holds if the first lets others follow',
    [
      { name: 'x', then: to('b/x'), continue: true },
      { name: 'y', then: to('c/y') },
    ],
    'c/y',
  ],
  [
    'what nobody says anew stays',
    [
      { name: 'x', then: to('b/x'), continue: true },
      { name: 'y', then: { strategy: 'cost' } },
    ],
    'b/x',
  ],
  ['a list is tried in its order', [{ name: 'x', then: { targets: ['c/1', { target: 'b/2', weight: 2 }] } }], 'c/1'],
  ['a model brings its targets', [{ name: 'x', then: { model: 'n' } }], 'a/n'],
  [
    'all that is required must be there',
    [
      { name: 'x', then: { require: { tags: ['t'] } }, continue: true },
      { name: 'y', then: { model: 'placed', require: { regions: ['eu-*'] } } },
    ],
    'b/eu',
  ],
]
test.each(FIRST_THEN)('of several rules %s', async (_, list, expected) => {
  await using on = await stage({
    models: {
      n: 'a/n',
      placed: {
        targets: [
          { target: 'a/us', region: 'us-1', tags: ['t'] },
          { target: 'c/eu', region: 'eu-1' },
          { target: 'b/eu', region: 'eu-1', tags: ['t', 'u'] },
        ],
      },
    },
    options: { rules: list },
  })
  expect(await on.served()).toBe(expected)
})

test('a rule refuses with its code and its words', async () => {
  await using on = await stage({
    options: { rules: [{ name: 'no', then: { refuse: { code: 'quota_exceeded', message: 'Not today.' } } }] },
  })
  const reply = await on.ask()
  expect([reply.status, reply.json()['error']]).toEqual([429, expect.objectContaining({ message: 'Not today.' })])
  expect(on.upstream.requests).toHaveLength(0)
})

test('where no target has what is required, the error says what each one lacks', async () => {
  await using on = await stage({ options: { rules: [{ name: 'eu', then: { require: { regions: ['eu-*'] } } }] } })
  const reply = await on.ask()
  expect(reply.status).toBe(503)
  expect(reply.text).toContain('a/one: its region is not known')
})

test('a target of the model keeps its traits where a rule names it', async () => {
  await using on = await stage({
    models: { m: { targets: [{ target: 'a/one', region: 'eu-1' }, 'b/two'] } },
    options: { rules: [{ name: 'x', then: { target: 'a/one', require: { regions: ['eu-1'] } } }] },
  })
  expect(await on.served()).toBe('a/one')
})

/** Brings in a target that stands in no region that is allowed. */
const stray = { provider: 'c', model: 'stray', region: 'us-1' }
const intruder = definePlugin({
  name: 'test-intruder',
  version: '0.1.0',
  api: 1,
  options: Type.Object({ late: Type.Boolean() }),
  setup({ hooks, options }) {
    if (!options.late) hooks.beforeRoute.tap('intrude', (targets) => [stray, ...targets])
    else
      hooks.onAttemptError.tap('intrude', ({ number }, exchange) => {
        const [first, ...others] = exchange.targets
        if (number === 1) exchange.targets = [first!, stray, ...others]
        return 'next'
      })
  },
})

test.each([
  [false, '2', ['/a/chat/completions', '/b/chat/completions']],
  [true, '3', ['/a/chat/completions', '/b/chat/completions']],
])('requirements hold for targets that others bring in, also after a failure: %s', async (late, attempts, called) => {
  await using on = await stage({
    models: {
      m: {
        targets: [
          { target: 'a/one', region: 'eu-1' },
          { target: 'b/two', region: 'eu-2' },
        ],
      },
    },
    plugins: [intruder({ late })],
    options: { rules: [{ name: 'eu', then: { require: { regions: ['eu-*'] } } }] },
  })
  on.upstream.reply((_, response) => void response.writeHead(500).end('{}'), answer)
  const reply = await on.ask()
  expect([reply.headers['x-sluice-model'], reply.headers['x-sluice-attempts']]).toEqual(['b/two', attempts])
  expect(on.upstream.requests.map(({ path }) => path)).toEqual(called)
})

test('who orders targets is told the strategy, and whose sections hold', async () => {
  const seen: unknown[] = []
  const order = definePlugin({
    name: 'test-order',
    version: '0.1.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.beforeRoute.tap('order', (_, exchange) => void seen.push(exchange.get(STRATEGY), routedModel(exchange))),
  })
  await using on = await stage({
    models: { n: 'a/n' },
    plugins: [order()],
    options: { rules: [{ name: 'x', then: { model: 'n', strategy: 'latency' } }] },
  })
  await on.ask()
  expect(seen).toEqual(['latency', 'n'])
})

const REFUSED: [string, Rules, string][] = [
  [
    'two of one name',
    [
      { name: 'x', then: to('a/x') },
      { name: 'x', then: to('a/x') },
    ],
    'rules[1].name',
  ],
  ['two destinations', [{ name: 'x', then: { target: 'a/x', model: 'm' } }], 'rules[0]: Give one of'],
  ['a refusal that does more', [{ name: 'x', then: { target: 'a/x', refuse: { message: 'No.' } } }], 'rules[0]'],
  ['nothing to do', [{ name: 'x', then: {} }], 'rules[0].then'],
  [
    'a time zone that does not exist',
    [{ name: 'x', when: { windows: [{ zone: 'Mars/Base' }] }, then: to('a/x') }],
    'no time zone "Mars/Base"',
  ],
  [
    'a time of day that does not exist',
    [{ name: 'x', when: { windows: [{ from: '25:00' }] }, then: to('a/x') }],
    'rules[0].when.windows[0].from',
  ],
  [
    'an impossible number of tokens',
    [{ name: 'x', when: { minTokens: 2, maxTokens: 1 }, then: to('a/x') }],
    'never match',
  ],
  ['an unknown option', [{ name: 'x', when: { model: ['a'] } as never, then: to('a/x') }], 'Did you mean "models"?'],
  ['an unknown strategy', [{ name: 'x', then: { strategy: 'latencies' as never } }], 'Did you mean "latency"?'],
  [
    'an unknown provider',
    [{ name: 'x', then: to('aa/x') }],
    'rules[x].then: target "aa/x" names no configured provider. Providers: a, b, c. Did you mean "a"?',
  ],
  [
    'an unknown model',
    [{ name: 'x', then: { model: 'assistent' } }],
    'there is no model "assistent". Did you mean "assistant"?',
  ],
]
test.each(REFUSED)('a config with %s is refused', async (_, list, text) => {
  const boot = stage({ models: { assistant: 'a/x' }, options: { rules: list } })
  await expect(boot).rejects.toMatchObject({ code: 'plugin_options', message: expect.stringContaining(text) })
})
