import { definePlugin } from '@sluice/core'
import type { Target } from '@sluice/core'
import { EXPLANATION, routedModel } from '@sluice/route-kit'
import { describe, expect, test } from 'vitest'
import { spy, stage } from './support/stage.ts'
import type { RuleOptions } from './support/stage.ts'

const models = { assistant: { targets: [{ target: 'b/assistant', region: 'eu-1' }], about: { contextWindow: 1000 } } }

describe('aliases', () => {
  const aliases = {
    'gpt-4o': 'a/gpt-5.1',
    best: 'gpt-4o',
    helper: 'assistant',
    'claude-*': 'b/claude-*',
    'claude-opus-*': 'a/opus-*',
    favourite: 'claude-opus-4',
    'old-*-model': 'new-*',
    'new-*': 'a/*-x',
    'any-*': 'assistant',
    'c/*': 'a/from-c-*',
  }
  test.each([
    ['gpt-4o', 'a/gpt-5.1', 'a target'],
    ['best', 'a/gpt-5.1', 'another alias'],
    ['helper', 'b/assistant', 'a model of the config'],
    ['claude-sonnet', 'b/claude-sonnet', 'a family'],
    ['claude-opus-4', 'a/opus-4', 'the family with the longest text'],
    ['favourite', 'a/opus-4', 'an alias and then a family'],
    ['old-7-model', 'a/7-x', 'two families'],
    ['any-thing', 'b/assistant', 'one model for a whole family'],
    ['b/claude-3', 'b/claude-3', 'no family, where it names a provider'],
    ['c/three', 'a/from-c-three', 'a family of names of one provider'],
  ])('%s is served by %s: %s', async (model, target) => {
    await using on = await stage({ models, options: { aliases } })
    expect(await on.served({ model })).toBe(target)
  })

  test('a target of the config keeps its traits behind an alias, and its model its sections', async () => {
    const seen: (readonly Target[])[] = []
    const routed: string[] = []
    const watch = definePlugin({
      name: 'test-watch',
      version: '0.1.0',
      api: 1,
      setup: ({ hooks }) => hooks.beforeRoute.tap('watch', (_, exchange) => void routed.push(routedModel(exchange))),
    })
    await using on = await stage({ models, plugins: [spy(seen), watch()], options: { aliases } })
    await on.ask({ model: 'helper' })
    expect(seen).toEqual([[{ provider: 'b', model: 'assistant', region: 'eu-1' }]])
    expect(routed).toEqual(['assistant'])
  })

  test('single names are listed with what is known of what they stand for', async () => {
    await using on = await stage({ models, options: { aliases } })
    const list = (await on.gateway.request('/v1/models')).json()['data'] as { id: string }[]
    const own = list.filter(({ id }) => id in aliases)
    expect(own).toMatchObject([
      { id: 'gpt-4o', owned_by: 'a' },
      { id: 'best', owned_by: 'a' },
      { id: 'helper', owned_by: 'b', context_length: 1000 },
      { id: 'favourite', owned_by: 'a' },
    ])
  })

  test('the client bytes go up with the name of the target alone changed', async () => {
    await using on = await stage({ models, options: { aliases } })
    const body = '{"messages":[{"role":"user","content":"Hi"}],  "model":"best","unknown":1.0}'
    await on.gateway.request('/v1/chat/completions', { method: 'POST', body })
    expect(on.upstream.requests[0]!.body.toString()).toBe(body.replace('"best"', '"gpt-5.1"'))
  })

  test.each<[RuleOptions['aliases'], string]>([
    [{ x: 'y', y: 'z', z: 'x' }, 'in a circle: x → y → z → x'],
    [{ x: 'x' }, 'in a circle: x → x'],
    [{ 'a-*': 'aa-*', 'aa-*': 'a-a-*' }, 'in a circle: a-* → aa-* → a-*'],
    [{ 'x-*': 'x-y-*' }, 'in a circle: x-* → x-*'],
    [{ 'a/*': 'b/*', 'b/*': 'a/*' }, 'in a circle: a/* → b/* → a/*'],
    [{ x: 'a/*' }, 'has none that could stand for anything'],
    [{ '*-*': 'a/*' }, 'one "*"'],
    [{ assistant: 'a/x' }, 'aliases[assistant]: a model of the config has this name'],
    [{ x: 'assistent' }, 'aliases[x]: there is no model "assistent". Did you mean "assistant"?'],
    [{ x: 'aa/gpt' }, 'aliases[x]: there is no model "aa/gpt".'],
    [{ 'x-*': 'aa/gpt-*' }, 'aliases[x-*]: there is no model "aa/gpt-*".'],
    [{ 'claude-*': 'a/*', '*': 'claude-' }, 'aliases[*]: there is no model "claude-".'],
    [{ x: 'assistnt', y: 'zzz' }, 'The config has 2 problems'],
  ])('%j is refused: %s', async (aliases = {}, text) => {
    const boot = stage({ models, options: { aliases } })
    await expect(boot).rejects.toMatchObject({ code: 'plugin_options', message: expect.stringContaining(text) })
  })

  test('a family for all names leaves alone those that name a provider', async () => {
    await using on = await stage({ options: { aliases: { '*': 'a/*' } } })
    expect([await on.served({ model: 'gpt' }), await on.served({ model: 'b/gpt' })]).toEqual(['a/gpt', 'b/gpt'])
  })
})

describe('versions', () => {
  const versions = {
    bot: {
      default: 'v2',
      v1: { target: 'a/one', deprecated: '2026-06-01', sunset: '2027-03-01T12:00Z' },
      v2: 'assistant',
      v3: { targets: ['c/three', 'a/three'] },
    },
  }
  const options: RuleOptions = {
    versions,
    aliases: { robot: 'bot', older: 'bot@v1' },
    versionPaths: { prefixes: { '/v2': 'v2', '/v3': 'v3', '/beta/api': 'v3' } },
  }

  test.each<[string, { [name: string]: string }, string, string]>([
    ['bot', {}, 'b/assistant', 'v2'],
    ['bot@v1', {}, 'a/one', 'v1'],
    ['bot:v1', {}, 'a/one', 'v1'],
    ['bot', { 'x-model-version': 'v3' }, 'c/three', 'v3'],
    ['bot@v1', { 'x-model-version': 'v3' }, 'a/one', 'v1'],
    ['bot@v3:floor', {}, 'c/three', 'v3'],
    ['robot', { 'x-model-version': 'v3' }, 'c/three', 'v3'],
    ['older', {}, 'a/one', 'v1'],
  ])('%s with %j is served by %s, version %s', async (model, headers, target, version) => {
    await using on = await stage({ models, options })
    const reply = await on.ask({ model }, { headers })
    expect([reply.headers['x-sluice-model'], reply.headers['x-sluice-model-version']]).toEqual([target, version])
  })

  test.each([
    ['/v2/chat/completions', 'v2'],
    ['/v3/chat/completions', 'v3'],
    ['/v3/v1/chat/completions', 'v3'],
    ['/beta/api/chat/completions?x=1', 'v3'],
    ['/v1/chat/completions', 'v2'],
  ])('%s asks for %s', async (path, version) => {
    await using on = await stage({ models, options })
    const reply = await on.ask({ model: 'bot' }, { path })
    expect(reply.headers['x-sluice-model-version']).toBe(version)
  })

  test('a header wins over the path, and a path means nothing to models without versions', async () => {
    await using on = await stage({ models, options })
    const path = '/v3/chat/completions'
    const reply = await on.ask({ model: 'bot' }, { path, headers: { 'x-model-version': 'v1' } })
    expect(reply.headers['x-sluice-model-version']).toBe('v1')
    const other = await on.ask({ model: 'assistant' }, { path })
    expect([other.status, other.headers['x-sluice-model-version']]).toEqual([200, undefined])
  })

  test.each(['/v2/chat', '/v2/models', '/v4/chat/completions', '/v2/chat/completions/', '/v2x/chat/completions'])(
    '%s is left as it is',
    async (path) => {
      await using on = await stage({ models, options })
      expect((await on.ask({ model: 'bot' }, { path })).status).toBe(404)
    },
  )

  test.each([
    ['bot@v9', {}, 'has no version "v9". Versions: v1, v2, v3.'],
    ['bot:nightly', {}, '"nightly"'],
    ['bot', { 'x-model-version': 'toString' }, 'Versions: v1, v2, v3.'],
    ['bot', { 'x-model-version': 'default' }, 'Versions: v1, v2, v3.'],
  ])('%s with %j is not there', async (model, headers, text) => {
    await using on = await stage({ models, options })
    const reply = await on.ask({ model }, { headers })
    expect([reply.status, reply.text]).toEqual([404, expect.stringContaining(text.replaceAll('"', String.raw`\"`))])
    expect(reply.json()['error']).toMatchObject({ param: 'model' })
  })

  test('a rule may lead to a version, or away from one', async () => {
    const list = [
      { name: 'to', when: { models: ['assistant'] }, then: { model: 'older' } },
      { name: 'away', when: { models: ['bot'] }, then: { target: 'c/x' } },
    ]
    await using on = await stage({ models, options: { ...options, rules: list } })
    const to = await on.ask({ model: 'assistant' })
    expect([to.headers['x-sluice-model'], to.headers['x-sluice-model-version']]).toEqual(['a/one', 'v1'])
    const away = await on.ask({ model: 'bot' })
    expect([away.headers['x-sluice-model'], away.headers['x-sluice-model-version']]).toEqual(['c/x', undefined])
  })

  test('who asks why is told what a name stood for', async () => {
    const notes: string[] = []
    const curious = definePlugin({
      name: 'test-curious',
      version: '0.1.0',
      api: 1,
      setup: ({ hooks }) =>
        hooks.authorize.tap('curious', (exchange) => {
          const note = (_: string, text: string): void => void notes.push(text)
          exchange.set(EXPLANATION, { note, excluded() {}, scored() {}, ordered() {} })
        }),
    })
    await using on = await stage({ models, plugins: [curious()], options })
    await on.ask({ model: 'robot:floor' })
    expect(notes).toEqual([
      'the version of "bot" is v2',
      '"robot:floor" stands for "assistant"',
      'the client prefers {"sort":"price"}',
    ])
  })

  test('a version that ends says so', async () => {
    await using on = await stage({ models, options })
    const { headers } = await on.ask({ model: 'bot@v1' })
    expect([headers['deprecation'], headers['sunset']]).toEqual(['@1780272000', 'Mon, 01 Mar 2027 12:00:00 GMT'])
    expect((await on.ask({ model: 'bot' })).headers).not.toHaveProperty('deprecation')
  })

  test('the model and each of its versions are listed', async () => {
    await using on = await stage({ models, options })
    const list = (await on.gateway.request('/v1/models')).json()['data'] as { id: string; owned_by: string }[]
    const own = list.filter(({ id }) => id.startsWith('bot')).map(({ id, owned_by }) => [id, owned_by])
    expect(own).toEqual([
      ['bot', 'a'],
      ['bot@v1', 'a'],
      ['bot@v2', 'b'],
      ['bot@v3', 'c'],
    ])
  })

  test('rules for a model are for all its versions and variants', async () => {
    const rule = { name: 'no', when: { models: ['bot'] }, then: { refuse: { message: 'No.' } } }
    await using on = await stage({ models, options: { ...options, rules: [rule] } })
    for (const model of ['bot', 'bot@v1', 'bot:v3', 'bot:floor', 'bot@v1:floor'])
      expect([model, (await on.ask({ model })).status]).toEqual([model, 403])
    expect((await on.ask({ model: 'assistant' })).status).toBe(200)
  })

  test.each<[RuleOptions, string]>([
    [
      { versions: { bot: { default: 'v9', v1: 'assistant' } } },
      'versions[bot].default: "v9" is none of its versions: v1.',
    ],
    [
      { versions: { bot: { default: 'v1', v1: 'asistant' } } },
      'versions[bot].v1: there is no model "asistant". Did you mean "assistant"?',
    ],
    [
      { versions: { bot: { default: 'v1', v1: { target: 'aa/x' } } } },
      'versions[bot].v1: target "aa/x" names no configured provider',
    ],
    [{ versions: { bot: { default: 'v1', v1: { sunset: '2027-01-01' } } } }, 'versions[bot].v1: needs one of'],
    [{ versions: { bot: { default: 'v1', v1: { target: 'a/x', model: 'm' } } } }, 'Give one of'],
    [{ versions: { bot: { default: 'v1', v1: { target: 'a/x', sunset: '2027-13-01' } } } }, 'is no date'],
    [{ versions: { bot: { default: 'nitro', nitro: 'assistant' } } }, 'means something else'],
    [
      { versions: { assistant: { default: 'v1', v1: 'm' } } },
      'versions[assistant]: a model of the config has this name',
    ],
    [{ versions: { bot: { default: 'v1', v1: 'bot@v2', v2: 'bot@v1' } } }, 'in a circle: bot@v1 → bot@v2 → bot@v1'],
    [
      { versions: { bot: { default: 'v1', v1: 'robot' } }, aliases: { robot: 'bot' } },
      'in a circle: bot@v1 → robot → bot',
    ],
    [{ versionPaths: { prefixes: { '/v1': 'v1' } } }, 'versionPaths.prefixes[/v1]: the gateway itself'],
    [{ versionPaths: { prefixes: { v2: 'v2' } } }, 'must be like "/v2"'],
    [{ versionPaths: { prefixes: { '/v2': 'v2' }, paths: ['/chat'] as never } }, 'versionPaths.paths[0]'],
  ])('%j is refused: %s', async (wrong, text) => {
    const boot = stage({ models, options: wrong })
    await expect(boot).rejects.toMatchObject({ code: 'plugin_options', message: expect.stringContaining(text) })
  })
})
