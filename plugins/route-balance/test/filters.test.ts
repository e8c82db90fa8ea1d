import type { Attempt, ChatRequest, JsonObject, Part, Target } from '@sluice/core'
import { EXPLANATION } from '@sluice/route-kit'
import type { Explanation } from '@sluice/route-kit'
import { simulatedExchange } from '@sluice/route-kit/testing'
import type { ExchangeGiven } from '@sluice/route-kit/testing'
import { describe, expect, test } from 'vitest'
import type { Require } from '../src/options.ts'
import { simulated, targetsOf } from './support/simulated.ts'

type Case = [what: string, target: Partial<Target>, request: ExchangeGiven]

const says = (length: number, more: JsonObject = {}): ExchangeGiven => {
  return { body: { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(length) }], ...more } }
}
const chat = (request: Partial<ChatRequest>): ExchangeGiven => ({ request })
const parts = (...list: Part[]): ExchangeGiven => chat({ messages: [{ role: 'user', parts: list }] })
const source = { kind: 'url', url: 'https://example.com/x' } as const
const image: Part = { type: 'image', source }
const capable = (...capabilities: string[]): Partial<Target> => ({ about: { capabilities } })
const window = (contextWindow: number): Partial<Target> => ({ about: { contextWindow } })
const policy = (value: unknown): ExchangeGiven => ({ principal: { metadata: { 'data-policy': value } } })

const ALLOWED: Partial<Target> = { region: 'eu-central-1', tags: ['zdr', 'no-training', 'a', 'b', 'c'] }

/** The targets that may serve, in their order: `p/a` with the traits, `p/b` for all requests. */
function route(target: Partial<Target>, request: ExchangeGiven, require?: Require): string[] {
  const { router } = simulated({ section: { ...(require && { require }) } })
  return router.beforeRoute(targetsOf(target, ALLOWED), simulatedExchange(request)).map(({ model }) => model)
}

/** The error if only `p/a` is there. */
function refused(target: Partial<Target>, request: ExchangeGiven, require?: Require): unknown {
  const { router } = simulated({ section: { ...(require && { require }) } })
  try {
    return router.beforeRoute(targetsOf(target), simulatedExchange(request))
  } catch (error) {
    return error
  }
}

const UNFIT: Case[] = [
  ['a context window that is too small', window(1000), says(8000)],
  ['a context window that leaves too little for the output', window(1000), says(400, { max_tokens: 4000 })],
  ['no tools', capable('vision'), chat({ tools: [{ type: 'function', name: 'f' }] })],
  ['no schemas', capable(), chat({ responseFormat: { type: 'json-schema', schema: {} } })],
  ['no vision', capable('tools'), parts(image)],
  ['no ears', capable('tools'), parts({ type: 'audio', source })],
  ['no videos', capable('tools'), parts({ type: 'video', source })],
  ['no files', capable('tools'), parts({ type: 'file', source })],
  ['no vision for what a tool found', capable('tools'), parts({ type: 'tool-result', callId: 'c', content: [image] })],
]

const BARRED: [...Case, require?: Require][] = [
  ['another region', { region: 'us-east-1' }, {}, { regions: ['eu-*'] }],
  ['no known region', {}, {}, { regions: ['eu-*'] }],
  ['not all tags', { tags: ['zdr'] }, {}, { tags: ['zdr', 'no-training'] }],
  ['another region than the caller may use', { region: 'us-east-1' }, policy({ regions: ['eu-*', 'ch'] })],
  ['not the tags that the caller needs', { tags: [] }, policy({ tags: ['no-training'] })],
]

const FIT: [...Case, require?: Require][] = [
  ['room enough', window(1000), says(3000)],
  ['room enough with the output', window(1000), says(400, { max_tokens: 800 })],
  ['no known window', {}, says(1_000_000)],
  ['a small window for another operation', window(10), { operation: 'embeddings', body: { input: 'x'.repeat(8000) } }],
  ['all that is needed', capable('tools', 'vision'), parts(image)],
  ['no account of what it can do', {}, parts(image)],
  ['nothing to do but to talk', capable(), {}],
  ['no tools for an empty list of them', capable(), chat({ tools: [] })],
  ['one of the regions', { region: 'eu-west-1' }, {}, { regions: ['us-*', 'eu-*'] }],
  ['all tags', { tags: ['a', 'b', 'c'] }, {}, { tags: ['a', 'c'] }],
  [
    'what the config and the caller want',
    { region: 'eu-1', tags: ['a', 'b'] },
    policy({ tags: ['b'] }),
    { regions: ['eu-*'] },
  ],
  ['a caller with other metadata', {}, { principal: { metadata: { plan: 'gold' } } }],
]

describe('a target', () => {
  test.each(UNFIT)('with %s is left out', (_what, target, request) => {
    expect(route(target, request)).toEqual(['b'])
  })

  test.each(BARRED)('with %s is left out', (_what, target, request, require) => {
    expect(route(target, request, require)).toEqual(['b'])
  })

  test.each(FIT)('with %s stays', (_what, target, request, require) => {
    expect(route(target, request, require)).toContain('a')
  })

  test('that the request may just not fit into comes last', () => {
    expect(route(window(1000), says(4400))).toEqual(['b', 'a'])
  })
})

describe('a request that no target may serve', () => {
  test.each(UNFIT)('for %s is the client’s fault', (_what, target, request) => {
    expect(refused(target, request)).toMatchObject({ code: 'invalid_request', status: 400 })
  })

  test('because it is too long says so in the words that clients look for', () => {
    expect(refused(window(1000), says(8000))).toMatchObject({
      param: 'messages',
      message: expect.stringMatching(/maximum context length is 1000 tokens.*about 20\d\d of input/),
    })
    expect(refused(window(1000), says(8000, { max_tokens: 7 }))).toMatchObject({
      message: expect.stringMatching(/of input and 7 of output/),
    })
  })

  test.each(BARRED)('for %s is no fault of the client', (_what, target, request, require) => {
    expect(refused(target, request, require)).toMatchObject({ code: 'no_target_available', status: 503 })
  })

  test('for several reasons tells all of them', () => {
    const { router } = simulated({ section: { require: { regions: ['eu-*'] } } })
    const targets = targetsOf({ region: 'us-1' }, { region: 'eu-1', ...window(10) }, { region: 'eu-2', ...capable() })
    const exchange = simulatedExchange({ ...says(8000), ...parts(image) })
    expect(() => router.beforeRoute(targets, exchange)).toThrow(
      expect.objectContaining({
        code: 'no_target_available',
        problems: [
          'p/a: its region us-1 is not eu-*',
          'p/b: its context window has 10 tokens',
          'p/c: it cannot do vision',
        ],
      }),
    )
  })

  test('for want of room in the minute says when there is some', () => {
    const { router, simulation } = simulated()
    const report = simulation.run({
      router,
      upstreams: { 'p/a': {} },
      targets: targetsOf({ requests: 5 }),
      rate: 10,
      duration: 3000,
    })
    expect(report.errors).toBeGreaterThan(5)
    expect(() => router.beforeRoute(targetsOf({ requests: 5 }), simulatedExchange())).toThrow(
      expect.objectContaining({ code: 'no_target_available', retryAfter: expect.closeTo(61, -1) }),
    )
  })

  test.each([
    ['no object', 'eu'],
    ['a misspelt word', { region: ['eu-*'] }],
    ['a text in place of a list', { regions: 'eu-*' }],
  ])('because the policy of the caller is %s is refused, and goes nowhere', (_what, value) => {
    const error = refused({ region: 'us-1' }, policy(value))
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(/data-policy/)
  })
})

describe('a target that joins later, as a fallback', () => {
  const [usual, barred] = targetsOf({ region: 'eu-1' }, { region: 'us-1' })

  test.each<[what: string, request: ExchangeGiven, require?: Require]>([
    ['the config', {}, { regions: ['eu-*'] }],
    ['the caller', policy({ regions: ['eu-*'] })],
  ])('is not called if %s forbids it', (_what, request, require) => {
    const { router } = simulated({ section: { ...(require && { require }) } })
    const exchange = simulatedExchange(request)
    router.beforeRoute([usual!], exchange)
    router.beforeAttempt({ target: usual } as Attempt, exchange)
    expect(() => router.beforeAttempt({ target: barred } as Attempt, exchange)).toThrow(
      expect.objectContaining({ code: 'no_target_available', message: expect.stringContaining('its region us-1') }),
    )
  })

  test('is called if nobody forbids it', () => {
    const { router } = simulated()
    const exchange = simulatedExchange()
    router.beforeRoute([usual!], exchange)
    router.beforeAttempt({ target: barred } as Attempt, exchange)
    expect(router.figures(barred!).inFlight).toBe(1)
  })
})

test('whoever asks is told why, and in which order', () => {
  const said: string[] = []
  const explanation: Explanation = {
    excluded: ({ model }, plugin, reason) => void said.push(`${plugin}: ${model} out: ${reason}`),
    scored: ({ model }, _plugin, score, words) => void said.push(`${model} ${score} ${words}`),
    ordered: (_plugin, targets) => void said.push(targets.map(({ model }) => model).join(' ')),
    note: (_plugin, text) => void said.push(text),
  }
  const { router } = simulated({ section: { require: { tags: ['x'] } } })
  const exchange = simulatedExchange()
  exchange.set(EXPLANATION, explanation)
  router.beforeRoute(targetsOf({}, { tags: ['x'], weight: 0 }, { tags: ['x'] }), exchange)
  expect(said).toEqual([
    'balance: a out: it is not tagged x',
    'p/b comes last: it is drained.',
    'c 1 place in the config',
    'b 0 place in the config',
    'c b',
  ])
})

test('the list is handed back as it is if nothing changes', () => {
  const { router } = simulated()
  const targets = targetsOf({}, {})
  expect(router.beforeRoute(targets, simulatedExchange())).toBe(targets)
  expect(router.beforeRoute([], simulatedExchange())).toEqual([])
})
