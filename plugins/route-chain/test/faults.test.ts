import { definePlugin, GatewayError } from '@sluice/core'
import {
  cutMidStream,
  endMidStream,
  json,
  rateLimited,
  sse,
  stallBeforeHeaders,
  stallMidStream,
  text,
} from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { chunk, frames, pieces, refusal, said, setUp, textOf } from './support/setting.ts'
import type { ChainOptions } from './support/setting.ts'

type Step = ChainOptions['steps'][string]

const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
const failing = json({ error: { message: 'We are down.' } }, { status: 500 })
const whole = frames('one two three')
const REFUSED = said(null, { refusal: 'I will not.' })

/** What a step in the middle may be answered, and what is told of it. */
const garbage: [name: string, step: Partial<Step>, reply: string | UpstreamReply, status: number, message: string][] = [
  ['no JSON, twice', { schema }, 'No idea.', 502, 'does not fit the schema: it is no JSON'],
  ['other JSON, twice', { schema }, '{"name":1}', 502, 'does not fit the schema: /name must be string'],
  ['JSON that is cut, twice', { schema }, said('{"name":"par', {}, 'length'), 502, 'it is no JSON'],
  [
    'JSON that is too deep, twice',
    {
      schema: {
        ...schema,
        additionalProperties: { $ref: '#/$defs/d' },
        $defs: { d: { items: { $ref: '#/$defs/d' } } },
      },
    },
    `{"name":"x","y":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    502,
    'nested too deeply',
  ],
  ['nothing', {}, '', 502, 'empty answer'],
  ['blanks', {}, ' \n ', 502, 'empty answer'],
  ['no content', {}, said(null), 502, 'empty answer'],
  ['no choices', {}, json({ object: 'chat.completion', choices: [] }), 502, 'empty answer'],
  [
    'calls of tools that are not there',
    {},
    said(null, { tool_calls: [{ id: 'x', type: 'function', function: { name: 'x', arguments: '{}' } }] }),
    502,
    'empty answer',
  ],
  ['a refusal', {}, REFUSED, 400, 'refused'],
  ['what a filter blocked', {}, said('', {}, 'content_filter'), 400, 'refused'],
  ['far too much', {}, 'x'.repeat(1_000_001), 502, 'longer than 1000000 characters'],
  ['no answer of the API', {}, json({ hello: 'world' }), 502, 'The step "middle" of "c" failed'],
  ['a page', {}, text('<html>'), 502, 'The step "middle" of "c" failed'],
  ['a body that is cut', {}, cutMidStream('{"id":"x","choices":[', 10), 502, 'The step "middle" of "c" failed'],
  ['an error', {}, failing, 500, 'We are down.'],
  ['the wish to be left alone', {}, rateLimited(30), 429, 'Slow down.'],
  ['nothing in time', { timeout: '30ms' }, stallBeforeHeaders(), 504, 'did not end within 0.03 s'],
]

describe.each(garbage)('a step that is answered %s', (_, step, reply, status, message) => {
  const steps = (more: Partial<Step>): ChainOptions['steps'] => ({
    middle: { model: 'openai/a', prompt: '{{input}}', ...step, ...more },
    end: { model: 'openai/b', prompt: '<{{steps.middle.text}}>' },
  })
  const script = { a: reply, b: 'done', spare: step.schema ? '{"name":"spare"}' : 'spare' }

  test('fails the chain, which says why', async () => {
    await using setting = await setUp(steps({}), { script })
    for (const stream of [false, true]) {
      const told = await setting.ask({ stream })
      expect(refusal(told)).toMatchObject({ status, message: expect.stringContaining(message) })
      expect(told.text).toContain('The step \\"middle\\" of \\"c\\" failed')
    }
    expect(setting.asked('b')).toEqual([])
  })

  test('is made up for by another model, or skipped', async () => {
    await using other = await setUp(steps({ fallback: { model: 'openai/spare' } }), { script })
    expect(textOf(await other.ask())).toBe('done')
    expect(other.asked('b')[0]!.messages[0]!.content).toBe(`<${script.spare}>`)
    await using skipped = await setUp(steps({ onError: 'skip' }), { script })
    expect(textOf(await skipped.ask())).toBe('done')
    expect(skipped.asked('b')[0]!.messages[0]!.content).toBe('<>')
  })
})

describe('an answer that does not fit its schema', () => {
  test('is asked for once more, with what is wrong', async () => {
    await using setting = await setUp(
      { end: { model: 'openai/a', system: 'S', prompt: 'P', schema } },
      { script: { a: ['Sure: {"name":', '```json\n{"name":"parcels"}\n```'] } },
    )
    expect(textOf(await setting.ask())).toBe('{"name":"parcels"}')
    const [first, second] = setting.asked('a')
    expect(first).toMatchObject({ response_format: { type: 'json_schema', json_schema: { name: 'end', schema } } })
    expect(second!.messages).toMatchObject([
      { role: 'system', content: 'S' },
      { role: 'user', content: 'P' },
      { role: 'assistant', content: 'Sure: {"name":' },
      { role: 'user', content: expect.stringMatching(/no JSON(.|\n)*"required":\["name"\]/) },
    ])
  })

  test.each([
    ['```\n{"name":"x"}\n```'],
    ['\n```json\n{"name":"x"}```\n'],
    ['```json\r\n{"name":"x"}\r\n```'],
    ['```json {"name":"x"} ```'],
  ])('is not one that stands in a fence: %j', async (answer) => {
    await using setting = await setUp({ end: { model: 'openai/a', prompt: 'P', schema } }, { script: { a: answer } })
    expect(textOf(await setting.ask())).toBe('{"name":"x"}')
    expect(setting.asked()).toHaveLength(1)
  })
})

describe('a step that fails', () => {
  const end = { model: 'openai/b', prompt: '<{{steps.middle.text}}>' }
  const prompts = (setting: Awaited<ReturnType<typeof setUp>>): unknown => setting.asked('b')[0]!.messages[0]!.content

  test('is tried again as often as it may', async () => {
    const script = { a: [failing, 'at last'], b: 'done' }
    await using setting = await setUp({ middle: { model: 'openai/a', prompt: 'x', retries: 1 }, end }, { script })
    expect(textOf(await setting.ask())).toBe('done')
    expect(prompts(setting)).toBe('<at last>')
  })

  test.each([
    ['would fail again', json({ error: { message: 'No.' } }, { status: 400 })],
    ['is to be left alone for long', rateLimited(30)],
  ])('is not tried again where it %s', async (_, reply) => {
    const script = { a: reply, b: 'done' }
    await using setting = await setUp({ middle: { model: 'openai/a', prompt: 'x', retries: 5 }, end }, { script })
    expect((await setting.ask()).status).toBeGreaterThanOrEqual(400)
    expect(setting.asked('a')).toHaveLength(1)
  })

  test('is made up for by the text that stands in', async () => {
    for (const more of [{ fallback: { text: '{"name":"x"}' } }, { onError: { text: '{"name":"x"}' } }]) {
      const middle = { model: 'openai/a', prompt: 'x', schema, ...more }
      const json = { ...end, prompt: '<{{steps.middle.json.name}}>' }
      await using setting = await setUp({ middle, end: json }, { script: { a: failing, b: 'done' } })
      expect(textOf(await setting.ask())).toBe('done')
      expect(prompts(setting)).toBe('<x>')
    }
  })

  test('is made up for by another step, which runs only then', async () => {
    const steps = {
      spare: { model: 'openai/s', prompt: 'y' },
      middle: { model: 'openai/a', prompt: 'x', fallback: { step: 'spare' } },
      end,
    }
    await using setting = await setUp(steps, { script: { a: ['well', failing], s: 'spare', b: 'done' } })
    await setting.ask()
    expect(setting.asked('s')).toEqual([])
    await setting.ask()
    expect(setting.asked('b').at(-1)!.messages[0]!.content).toBe('<spare>')
  })

  test('is failed for good if that fails, too', async () => {
    const steps = {
      spare: { model: 'openai/s', prompt: 'y', schema },
      middle: { model: 'openai/a', prompt: 'x', fallback: { step: 'spare' } },
      end,
    }
    await using setting = await setUp(steps, { script: { a: failing, s: 'no JSON', b: 'done' } })
    expect(refusal(await setting.ask()).message).toContain('The step "middle" of "c" failed: We are down.')
  })

  test('ends those that run beside it', async () => {
    const steps = {
      slow: { model: 'openai/s', prompt: 'y' },
      middle: { model: 'openai/a', prompt: 'x', after: [] },
      end: { set: '{{steps.slow.text}}{{steps.middle.text}}' },
    }
    const arrived = Promise.withResolvers<void>()
    const slow: UpstreamReply = (request, response) => {
      arrived.resolve()
      return stallBeforeHeaders()(request, response)
    }
    const late: UpstreamReply = async (request, response) => {
      await arrived.promise
      return failing(request, response)
    }
    await using setting = await setUp(steps, { script: { s: slow, a: late } })
    expect((await setting.ask()).status).toBe(500)
    await setting.upstream.requests.find((request) => request.json()['model'] === 's')!.closed
  })
})

describe('an output', () => {
  const output: Step = { model: 'openai/a', prompt: 'x' }

  test.each<[name: string, reply: UpstreamReply]>([
    ['is refused', failing],
    ['says nothing', sse(frames(''))],
    ['is cut before it has said anything', cutMidStream(whole, 3)],
    ['ends before it has said anything', endMidStream(whole, 0)],
    ['is an error in a stream', sse('data: {"error":{"message":"Overloaded"}}\n\n')],
  ])('that %s is taken over by another model, in a stream as well', async (_, reply) => {
    const script = { a: reply, spare: 'spare words' }
    await using setting = await setUp({ end: { ...output, fallback: { model: 'openai/spare' } } }, { script })
    expect(pieces(await setting.ask({ stream: true })).join('')).toBe('spare words')
  })

  test('that has failed is replaced by its text', async () => {
    await using setting = await setUp(
      { end: { ...output, onError: { text: 'Try later.' } } },
      { script: { a: failing } },
    )
    expect(textOf(await setting.ask())).toBe('Try later.')
    expect(pieces(await setting.ask({ stream: true }))).toEqual(['Try later.'])
  })

  test('that may be skipped leaves the answer to the next one', async () => {
    const steps = { end: { ...output, onError: 'skip' as const }, next: { set: 'next' } }
    await using setting = await setUp(steps, { script: { a: failing } }, { output: ['end', 'next'] })
    expect(textOf(await setting.ask())).toBe('next')
  })

  test.each<[name: string, reply: UpstreamReply]>([
    ['is cut', cutMidStream(whole, whole.indexOf('three'))],
    ['ends without its end', endMidStream(whole, whole.indexOf('data: ', whole.indexOf('two')))],
    ['falls silent', stallMidStream(whole, whole.indexOf('data: ', whole.indexOf('two')))],
  ])('that %s in the middle of a stream ends in an error, never cleanly', async (_, reply) => {
    await using setting = await setUp({ end: { ...output, timeout: '100ms' } }, { script: { a: reply } })
    const told = await setting.ask({ stream: true })
    expect(told.text).toContain('"error"')
    expect(told.text).not.toContain('[DONE]')
  })

  test.each<[name: string, reply: UpstreamReply, told: object]>([
    ['a refusal', REFUSED, { message: { refusal: 'I will not.' } }],
    ['an answer that is cut', said('', {}, 'length'), { finish_reason: 'length' }],
    ['a blocked answer', said('', {}, 'content_filter'), { finish_reason: 'content_filter' }],
  ])('passes %s on as it is', async (_, reply, told) => {
    await using setting = await setUp({ end: output }, { script: { a: reply } })
    expect((await setting.ask()).json()).toMatchObject({ choices: [told] })
  })

  test('passes a stream on that was cut by a limit before it said anything', async () => {
    const cut = sse(`${chunk([{ index: 0, delta: {}, finish_reason: 'length' }])}data: [DONE]\n\n`)
    await using setting = await setUp({ end: output }, { script: { a: cut } })
    expect((await setting.ask({ stream: true })).text).toContain('"finish_reason":"length"')
  })
})

test('a chain ends when its time is over, and with it its steps', async () => {
  const steps = { a: { model: 'openai/a', prompt: 'x', retries: 5 }, end: { set: '{{steps.a.text}}' } }
  await using setting = await setUp(steps, { script: { a: stallBeforeHeaders() } }, { timeout: '50ms' })
  expect(refusal(await setting.ask())).toMatchObject({
    status: 504,
    message: expect.stringContaining('"c" did not end within'),
  })
  await setting.upstream.requests[0]!.closed
  expect(setting.asked()).toHaveLength(1)
})

test('a chain whose time is over in the middle of a stream says so', async () => {
  const script = { a: stallMidStream(whole, whole.indexOf('data: ', whole.indexOf('two'))) }
  await using setting = await setUp({ end: { model: 'openai/a', prompt: 'x' } }, { script }, { timeout: '200ms' })
  const told = await setting.ask({ stream: true })
  expect(pieces(told)).toEqual(['one', ' two'])
  expect(told.text).toContain('\\"c\\" did not end within 0.2 s')
  expect(told.text).not.toContain('[DONE]')
})

test.each([
  ['a text', { set: 'x' }, false],
  ['a text in a stream', { set: 'x' }, true],
  ['a model', { model: 'openai/a', prompt: 'x' }, false],
  ['a model in a stream', { model: 'openai/a', prompt: 'x' }, true],
])('nothing waits for the time of a chain that has been answered by %s', async (_, end, stream) => {
  using set = vi.spyOn(globalThis, 'setTimeout')
  using cleared = vi.spyOn(globalThis, 'clearTimeout')
  await using setting = await setUp({ end }, { script: { a: 'one' } }, { timeout: '7m' })
  expect((await setting.ask({ stream })).status).toBe(200)
  const timer = set.mock.results[set.mock.calls.findIndex(([, time]) => time === 7 * 60_000)]!
  await expect.poll(() => cleared.mock.calls.flat()).toContain(timer.value)
})

test.each([false, true])('a client that leaves ends all steps (stream: %s)', async (stream) => {
  const steps = {
    a: { model: 'openai/a', prompt: 'x', retries: 5, fallback: { model: 'openai/c' }, onError: 'skip' as const },
    b: { model: 'openai/b', prompt: 'x' },
    end: { model: 'openai/c', prompt: '{{steps.a.text}}{{steps.b.text}}' },
  }
  await using setting = await setUp(steps, { script: { a: stallBeforeHeaders(), b: stallBeforeHeaders() } })
  const controller = new AbortController()
  const body = { model: 'c', messages: [{ role: 'user', content: 'Hello' }], stream }
  const asked = setting.gateway.request('/v1/chat/completions', { body, signal: controller.signal })
  const both = [await setting.upstream.request(0), await setting.upstream.request(1)]
  controller.abort()
  await expect(asked).rejects.toThrow('aborted')
  await Promise.all(both.map((request) => request.closed))
  await setting.gateway.close()
  expect(setting.asked()).toHaveLength(2)
})

test('a client that leaves in the middle of a stream ends it upstream', async () => {
  const script = { a: stallMidStream(whole, whole.indexOf('data: ', whole.indexOf('two'))) }
  await using setting = await setUp({ end: { model: 'openai/a', prompt: 'x' } }, { script })
  const controller = new AbortController()
  const body = JSON.stringify({ model: 'c', messages: [{ role: 'user', content: 'Hello' }], stream: true })
  const headers = { 'content-type': 'application/json' }
  const url = `${setting.gateway.url}/v1/chat/completions`
  const reply = await fetch(url, { method: 'POST', body, headers, signal: controller.signal })
  await reply.body!.getReader().read()
  controller.abort()
  await setting.upstream.requests[0]!.closed
})

describe('chains within chains', () => {
  const through = (model: string): ChainOptions => ({ steps: { s: { model, prompt: '{{input}}' } }, output: 's' })

  test('answer, whole and streamed', async () => {
    const others = { d: through('e'), e: through('openai/a') }
    await using setting = await setUp(
      { end: { model: 'd', prompt: '{{input}}' } },
      { script: { a: 'one two' }, others },
    )
    expect(textOf(await setting.ask())).toBe('one two')
    expect(pieces(await setting.ask({ stream: true }))).toEqual(['one', ' two'])
  })

  test('are asked by either of their names', async () => {
    const others = { d: through('openai/a') }
    const steps = { end: { model: 'chain/d', prompt: '{{input}}', fallback: { model: 'd' } } }
    await using setting = await setUp(steps, { script: { a: 'one' }, others })
    expect(textOf(await setting.ask())).toBe('one')
  })

  test('stand five deep at most', async () => {
    await using setting = await setUp({ end: { model: 'c', prompt: '{{input}}' } }, { script: {} })
    const { status, message } = refusal(await setting.ask())
    expect(status).toBe(400)
    expect(message).toContain('chains may stand 5 deep, and here is c → c → c → c → c → c')
  })

  test('make a thousand calls at most for one request', async () => {
    const items = {
      steps: {
        a: { model: 'openai/a', prompt: 'x', schema: { type: 'object' } },
        b: { model: 'c', prompt: '{{index}}', each: 'steps.a.json.items', maxItems: 1000 },
        c: { set: '{{steps.b.text}}' },
      },
      output: 'c',
    }
    const list = JSON.stringify({ items: Array.from({ length: 1000 }, () => 1) })
    const others = { many: items }
    await using setting = await setUp({ end: { set: 'x' } }, { script: { a: list }, others })
    const reply = await setting.ask({ model: 'many' })
    expect(refusal(reply).message).toContain('one request may lead to 1000 calls of models')
  })
})

describe('rights', () => {
  /** A caller that may use "c" and nothing else. */
  const guard = definePlugin({
    name: 'test-guard',
    version: '1.0.0',
    api: 1,
    setup({ hooks }) {
      const scopes = [{ kind: 'team' as const, id: 'blue', sections: { budget: 1 } }]
      hooks.authenticate.tap('ann', () => ({ id: 'ann', key: 'key-ann', roles: ['narrow'], tags: ['t'], scopes }))
      hooks.authorize.tap('narrow', ({ principal, model }) => {
        if (principal.roles?.includes('client') && !principal.key && principal.scopes === scopes) return
        if (model !== 'c') throw new GatewayError('permission_denied', `You may not use the model "${model}".`)
      })
    },
  })
  const steps = { end: { model: 'openai/a', prompt: '{{input}}' } }

  test('of steps are those of the caller', async () => {
    await using setting = await setUp(steps, { script: { a: 'x' }, plugins: [guard()] })
    const { status, message } = refusal(await setting.ask())
    expect([status, message]).toEqual([403, 'The step "end" of "c" failed: You may not use the model "openai/a".'])
    expect(setting.asked()).toEqual([])
  })

  test('are the chain’s own where it says so, within the limits of the caller', async () => {
    await using setting = await setUp(steps, { script: { a: 'x' }, plugins: [guard()] }, { runAs: 'chain' })
    expect(textOf(await setting.ask())).toBe('x')
  })

  test('never come with what the client has sent', async () => {
    await using setting = await setUp(steps, { script: { a: 'x' } })
    const headers = {
      authorization: 'Bearer of-the-client',
      'x-api-key': 'of-the-client',
      'openai-organization': 'of-the-client',
    }
    await setting.gateway.request('/v1/chat/completions', {
      headers,
      body: { model: 'c', messages: [{ role: 'user', content: 'x' }] },
    })
    expect(JSON.stringify(setting.upstream.requests[0]!.headers)).not.toContain('of-the-client')
    expect(setting.upstream.requests[0]!.headers.authorization).toBe('Bearer sk-of-the-gateway')
  })
})
