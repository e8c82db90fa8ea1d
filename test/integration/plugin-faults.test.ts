/** Whatever a plugin does: deciders fail closed, observers fail open, and it is always known who it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import { definePlugin, GatewayError, HOOKS } from '@sluice/core'
import type { HookName, LocalProvider, PluginHooks, PluginInstance, StreamPart, StreamStage } from '@sluice/core'
import { json, resetBeforeHeaders, sse } from '@sluice/core/testing'
import type { TestGateway, TestReply } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { Ends, eventually, setUp, tapping } from './support/setting.ts'
import type { Setting } from './support/setting.ts'
import { framesIn, OPENAI, PATHS, WIRES } from './support/wires.ts'

const SECRET = 'sk-secret-detail'
/** Milliseconds an asynchronous tap may take in these tests. */
const HOOK_TIMEOUT = 30

type Misdeed = (...args: never[]) => unknown

const CRASHES: { readonly [what: string]: Misdeed } = {
  throws: () => {
    throw new Error(SECRET)
  },
  'throws later': async () => {
    await sleep(1)
    throw new Error(SECRET)
  },
  'throws a text': () => {
    throw SECRET
  },
  'rejects with nothing': () => Promise.reject(),
  'never settles': () => new Promise(() => undefined),
  'gives back something like a promise that throws': () => ({
    then() {
      throw new Error(SECRET)
    },
  }),
}
const WRONG_ANSWERS: { readonly [what: string]: unknown } = { null: null, 'a number': 7, 'a text': SECRET, true: true }

/** Taps `hook` with something that fails once, and after that has no opinion. */
function faulty(hook: HookName, misdeed: Misdeed): PluginInstance {
  let failed = false
  return tapping('faulty', (hooks) => {
    const tap = (hooks[hook] as { tap: (name: string, handler: Misdeed) => void }).tap
    tap('misdeed', (...args) => {
      if (failed) return hook === 'authenticate' ? { id: 'somebody' } : undefined
      failed = true
      return misdeed(...args)
    })
  })
}

interface Served {
  setting: Setting
  reply: TestReply
  ends: Ends
}

/** Serves a request that reaches `hook`, checks what holds however that ended, and serves another one. */
async function serveWith(
  hook: HookName,
  misdeed: Misdeed,
  check: (served: Served) => void | Promise<void>,
  client = OPENAI,
): Promise<void> {
  const ends = new Ends()
  const plugins = [faulty(hook, misdeed), ends.plugin]
  await using setting = await setUp({ wire: client, plugins, server: { hookTimeout: HOOK_TIMEOUT } })
  const stream = hook === 'transformStream' || hook === 'onStreamPart'
  const good = stream ? sse(client.stream('Hello.')) : json(client.answer('Hello.'))
  setting.upstream.reply(hook === 'onAttemptError' ? resetBeforeHeaders() : good, good)
  const model = hook === 'onError' ? 'unknown' : 'm'
  const reply = await setting.gateway.request(client.path, { body: client.request({ stream, model }) })
  expect(reply.text).not.toContain(SECRET)
  await ends.at(0)
  await check({ setting, reply, ends })

  setting.upstream.reply(good)
  const next = await setting.gateway.request(client.path, { body: client.request({ stream }) })
  expect([next.status, client.textIn(next.text)]).toEqual([200, 'Hello.'])
  await ends.at(1)
  expect(ends.all).toHaveLength(2)
}

function expectNamed({ log }: TestGateway, hook: HookName): void {
  const entries = log.entries.filter(({ level }) => level === 'error')
  expect(entries).toMatchObject([{ plugin: 'faulty', hook }])
  expect(entries[0]).toHaveProperty('err.message')
}

const ofKind = (...kinds: string[]): HookName[] =>
  (Object.keys(HOOKS) as HookName[]).filter(
    (name) => HOOKS[name].exchange !== undefined && kinds.includes(HOOKS[name].kind),
  )
const DECIDERS = ofKind('series', 'bail', 'waterfall').filter((hook) => hook !== 'onError' && hook !== 'onUsage')
const ANSWERING = DECIDERS.filter((hook) => HOOKS[hook].kind !== 'series')
const OBSERVERS = ofKind('observer', 'parallel')

describe.concurrent.for(WIRES)('a plugin that decides, for a client of $name', (client) => {
  const crashes = DECIDERS.flatMap((hook) =>
    Object.entries(CRASHES).map(([what, misdeed]) => ({ hook, what, misdeed })),
  )
  test.for(crashes)('and $what in $hook fails that request and no other', async ({ hook, misdeed }) => {
    const check = ({ setting, reply, ends }: Served): void => {
      expect([reply.status, reply.json()]).toMatchObject([500, client.envelope(500, 'plugin_error')])
      expectNamed(setting.gateway, hook)
      expect(ends.all).toMatchObject([{ outcome: 'failed', error: { code: 'plugin_error', plugin: 'faulty', hook } }])
      expect(ends.all[0]!.reply).toMatchObject({ status: 500 })
    }
    await serveWith(hook, misdeed, check, client)
  })
})

describe.concurrent('a plugin that decides', () => {
  const wrong = ANSWERING.flatMap((hook) =>
    Object.entries(WRONG_ANSWERS).map(([what, value]) => ({ hook, what, value })),
  )
  test.for(wrong)('and answers $hook with $what fails that request and no other', async ({ hook, value }) => {
    await serveWith(
      hook,
      () => value,
      ({ setting, reply, ends }) => {
        expect([reply.status, reply.json()]).toMatchObject([500, OPENAI.envelope(500, 'plugin_error')])
        expectNamed(setting.gateway, hook)
        expect(ends.all).toMatchObject([{ outcome: 'failed' }])
      },
    )
  })

  const silent = DECIDERS.filter((hook) => HOOKS[hook].kind === 'series')
  test.for(silent)('in %s only by throwing may answer what it likes', async (hook) => {
    await serveWith(
      hook,
      () => SECRET,
      ({ reply }) => expect(reply.status).toBe(200),
    )
  })

  test.for(DECIDERS)('may refuse in %s, in its own words', async (hook) => {
    const refuse = (): never => {
      throw new GatewayError('quota_exceeded', 'Come back tomorrow.', { retryAfter: 3600 })
    }
    await serveWith(hook, refuse, ({ setting, reply, ends }) => {
      expect([reply.status, reply.json()]).toMatchObject([
        429,
        { error: { code: 'quota_exceeded', message: 'Come back tomorrow.' } },
      ])
      expect(reply.headers['retry-after']).toBe('3600')
      expect(setting.gateway.log.find(({ level }) => level === 'error')).toBeUndefined()
      expect(ends.all).toMatchObject([{ outcome: 'refused', reply: { status: 429 } }])
    })
  })

  test.for(Object.entries(CRASHES))(
    'and %s while an error is answered does not hide that error',
    async ([_, misdeed]) => {
      await serveWith('onError', misdeed, ({ setting, reply, ends }) => {
        expect([reply.status, reply.json()]).toMatchObject([404, OPENAI.envelope(404, 'model_not_found')])
        expectNamed(setting.gateway, 'onError')
        expect(ends.all).toMatchObject([{ outcome: 'refused', reply: { status: 404 } }])
      })
    },
  )

  test.for([...Object.entries(CRASHES), ['answers with a text', () => 'usage'] as const])(
    'and %s on usage leaves the reply and what is known of the usage alone',
    async ([_, misdeed]) => {
      await serveWith('onUsage', misdeed, ({ setting, reply, ends }) => {
        expect([reply.status, OPENAI.textIn(reply.text)]).toEqual([200, 'Hello.'])
        expectNamed(setting.gateway, 'onUsage')
        expect(ends.all).toMatchObject([{ outcome: 'ok', usage: { output: { total: 3 } } }])
      })
    },
  )

  test.for(['onRequest', 'onResponse'] as const)(
    'and makes a reply in %s that cannot be sent fails the request',
    async (hook) => {
      const bad = (reply: { headers?: { [name: string]: string } }): unknown => {
        if (hook === 'onRequest') return { status: 200, headers: { 'x-bad': 'a\r\nb: c' }, body: 'x' }
        reply.headers!['x-bad'] = 'a\r\nb: c'
        return undefined
      }
      await serveWith(hook, bad, ({ reply }) => {
        expect([reply.status, reply.json()]).toMatchObject([500, OPENAI.envelope(500, 'plugin_error')])
      })
    },
  )
})

describe.concurrent('a plugin that observes', () => {
  const crashes = OBSERVERS.flatMap((hook) =>
    Object.entries(CRASHES).map(([what, misdeed]) => ({ hook, what, misdeed })),
  )
  test.for(crashes)('and $what in $hook does not touch the reply, and is reported', async ({ hook, misdeed }) => {
    await serveWith(hook, misdeed, async ({ setting, reply, ends }) => {
      const stream = hook === 'onStreamPart'
      expect([reply.status, reply.text]).toEqual([
        200,
        stream ? OPENAI.stream('Hello.') : JSON.stringify(OPENAI.answer('Hello.')),
      ])
      await eventually(() => setting.gateway.log.find(({ level }) => level === 'error') !== undefined)
      expectNamed(setting.gateway, hook)
      expect(ends.all).toMatchObject([{ outcome: 'ok' }])
    })
  })

  test('and fails at every part is reported once, with the words of a GatewayError', async () => {
    const ends = new Ends()
    const failing = tapping('faulty', (hooks) => {
      hooks.onStreamPart.tap('misdeed', () => {
        throw new GatewayError('content_blocked', 'I do not like this part.')
      })
    })
    await using setting = await setUp({ plugins: [failing, ends.plugin] })
    const stream = OPENAI.stream(...Array.from({ length: 100 }, (_, index) => `${index} `))
    setting.upstream.reply(sse(stream, { chunk: 'frame' }))
    const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request({ stream: true }) })
    expect(reply.text).toBe(stream)
    await ends.at(0)
    expectNamed(setting.gateway, 'onStreamPart')
    expect(setting.gateway.log.text()).toContain('I do not like this part.')
  })
})

describe.concurrent('a stage of a stream', () => {
  const misdeeds = { ...CRASHES } as unknown as { [what: string]: (part: StreamPart) => unknown }
  for (const [what, value] of Object.entries(WRONG_ANSWERS)) misdeeds[`gives ${what}`] = () => value
  const cases = PATHS.filter(({ observed }) => !observed).flatMap(({ client, wire }) =>
    Object.entries(misdeeds).flatMap(([what, misdeed]) =>
      (['push', 'flush'] as const).map((method) => ({ client, wire, what, misdeed, method })),
    ),
  )
  test.for(cases)('that $what in $method ends it with an error event ($wire.name to $client.name)', async (options) => {
    const { client, wire, misdeed, method } = options
    const ends = new Ends()
    const stage: StreamStage = { push: (part) => [part], flush: () => [] }
    const failing = tapping('faulty', (hooks) => {
      hooks.transformStream.tap('misdeed', (stages) => {
        const atText = (part: StreamPart): unknown => (part.type === 'text-delta' ? misdeed(part) : [part])
        return [...stages, { ...stage, [method]: method === 'push' ? atText : misdeed }]
      })
    })
    await using setting = await setUp({ wire, plugins: [failing, ends.plugin], server: { hookTimeout: HOOK_TIMEOUT } })
    setting.upstream.reply(sse(wire.stream('Hello.'), { chunk: 'frame' }))
    const reply = await setting.gateway.request(client.path, { body: client.request({ stream: true }) })
    expect(framesIn(reply.text).at(-1)).toMatchObject(client.envelope(500, 'plugin_error'))
    expect(reply.text).not.toContain(client.cleanEnd)
    expect(reply.text).not.toContain(SECRET)
    expect(await ends.at(0)).toMatchObject({ outcome: 'failed', error: { code: 'plugin_error' } })
    expect(setting.gateway.log.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { hook: 'transformStream' },
    ])
    expect(ends.all).toHaveLength(1)
  })
})

describe.concurrent('a model inside the gateway', () => {
  const local = (provider: Omit<LocalProvider, 'kind'>): PluginInstance =>
    definePlugin({
      name: 'local',
      version: '1.0.0',
      api: 1,
      setup: ({ addProvider }) => addProvider({ kind: 'local', ...provider }),
    })()

  const cases = Object.entries(CRASHES).flatMap(([what, misdeed]) =>
    [false, true].map((stream) => ({ what, misdeed, stream })),
  )
  test.for(cases)('that $what fails that request (stream: $stream)', async ({ what, misdeed, stream }) => {
    const ends = new Ends()
    const plugin = local({ answer: misdeed as LocalProvider['answer'], timeouts: { total: HOOK_TIMEOUT } })
    await using setting = await setUp({ plugins: [plugin, ends.plugin] })
    const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request({ model: 'local/any', stream }) })
    const [status, code] = what === 'never settles' ? [504, 'upstream_timeout'] : [500, 'plugin_error']
    expect([reply.status, reply.json()]).toMatchObject([status, OPENAI.envelope(status, code)])
    expect(reply.text).not.toContain(SECRET)
    expect(await ends.at(0)).toMatchObject({ outcome: 'failed' })
    await sleep(HOOK_TIMEOUT * 1.5) // what the time limit still did would come to light now
  })

  test.for(Object.entries({ ...WRONG_ANSWERS, undefined }))(
    'that answers with %s fails that request',
    async ([_, value]) => {
      const plugin = local({ answer: () => value as never })
      await using setting = await setUp({ plugins: [plugin] })
      const reply = await setting.gateway.request(OPENAI.path, { body: OPENAI.request({ model: 'local/any' }) })
      expect([reply.status, reply.json()]).toMatchObject([500, OPENAI.envelope(500, 'plugin_error')])
    },
  )

  test.for([
    ['throws', 'upstream_error'],
    ['falls silent', 'upstream_timeout'],
  ] as const)('that %s in the middle of a stream ends it with an error event', async ([what, code]) => {
    const ends = new Ends()
    async function* parts(): AsyncGenerator<StreamPart> {
      yield { type: 'start' }
      yield { type: 'text-delta', block: 0, text: 'Once ' }
      await sleep(1)
      if (what === 'throws') throw new Error(SECRET)
      await new Promise(() => undefined)
    }
    await using setting = await setUp({
      plugins: [local({ answer: parts, timeouts: { total: HOOK_TIMEOUT } }), ends.plugin],
    })
    const reply = await setting.gateway.request(OPENAI.path, {
      body: OPENAI.request({ model: 'local/any', stream: true }),
    })
    expect(OPENAI.textIn(reply.text)).toBe('Once ')
    expect(framesIn(reply.text).at(-1)).toMatchObject(OPENAI.envelope(502, code))
    expect(reply.text).not.toContain(OPENAI.cleanEnd)
    expect(reply.text).not.toContain(SECRET)
    expect(await ends.at(0)).toMatchObject({ outcome: 'failed', error: { code } })
  })
})

describe('a plugin that taps too late', () => {
  test.for(Object.keys(HOOKS) as HookName[])('is refused: %s', async (hook) => {
    let late: PluginHooks | undefined
    await using setting = await setUp({ plugins: [tapping('late', (hooks) => (late = hooks))] })
    expect(setting.gateway.url).toBeDefined()
    const hooks = late as unknown as { [name: string]: { tap: (name: string, handler: () => void) => void } }
    const tap = (): void => hooks[hook]!.tap('late', () => undefined)
    expect(tap).toThrow(expect.objectContaining({ code: 'tap_after_boot', message: expect.stringContaining('late') }))
  })
})
