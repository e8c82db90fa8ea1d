import type { ChatRequest, Dialect, JsonObject, Operation } from '@sluice/core'
import { Exchange } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { DEFAULT_OUTPUT, estimateTokens } from '../src/estimate.ts'

interface Given {
  dialect?: string
  operation?: Operation
  /** What the dialect's codec would decode the body to. */
  canonical?: JsonObject
}

/** An exchange whose body has been read. Decoding it without a canonical form at hand fails the test. */
function exchangeOf(
  body: JsonObject | string | Buffer,
  { dialect = 'openai-chat', operation = 'chat', canonical }: Given = {},
) {
  const decodeRequest = (): JsonObject => {
    if (!canonical) throw new Error('it was decoded')
    return structuredClone(canonical)
  }
  const exchange = new Exchange({
    endpoint: { method: 'POST', path: '/', operation },
    dialect: { name: dialect, codecs: { [operation]: { decodeRequest } } } as unknown as Dialect,
    headers: {},
  } as never)
  exchange.body = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return exchange
}

const ask = (content: unknown, more: JsonObject = {}): JsonObject => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
})
const canonical = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  operation: 'chat',
  messages: [{ role: 'user', parts }],
  extensions: {},
  ...more,
})
const size = (body: JsonObject): number => Math.ceil(JSON.stringify(body).length / 4)
const IMAGE = { type: 'image', source: { kind: 'base64', data: 'A'.repeat(4_000_000), mediaType: 'image/png' } }

describe('the usual chat body is told by its size, undecoded', () => {
  test.each<[string, JsonObject, string, number, boolean]>([
    ['no limit', ask('Hello'), 'openai-chat', DEFAULT_OUTPUT, false],
    ['a limit', ask('Hello', { max_tokens: 50 }), 'openai-chat', 50, true],
    ['the newer limit wins', ask('Hello', { max_tokens: 50, max_completion_tokens: 70 }), 'openai-chat', 70, true],
    ['null is no limit', ask('Hello', { max_completion_tokens: null, max_tokens: 50 }), 'openai-chat', 50, true],
    ['several choices', ask('Hello', { max_tokens: 50, n: 3 }), 'openai-chat', 150, true],
    ['several choices without a limit', ask('Hello', { n: 2 }), 'openai-chat', 2 * DEFAULT_OUTPUT, false],
    ['parts of text', ask([{ type: 'text', text: 'Hello' }], { max_tokens: 9 }), 'anthropic', 9, true],
    ['a Responses input', { model: 'm', input: 'Hello', max_output_tokens: 12 }, 'openai-responses', 12, true],
    ['no sense in the limit', ask('Hello', { max_tokens: -5, n: 'x' }), 'openai-chat', DEFAULT_OUTPUT, false],
    ['more than a number holds', ask('Hello', { max_tokens: 1e300 }), 'openai-chat', Number.MAX_SAFE_INTEGER, true],
    ['a turn of calls only', ask(null, { max_tokens: 5 }), 'openai-chat', 5, true],
  ])('%s', (_, body, dialect, output, limited) => {
    expect(estimateTokens(exchangeOf(body, { dialect }))).toEqual({ input: size(body), output, limited })
  })

  test('another default may be named', () => {
    expect(estimateTokens(exchangeOf(ask('Hello', { n: 2 })), 100).output).toBe(200)
  })

  test.each([
    ['Chinese', '你好世界'.repeat(500), 2000, 2400],
    ['Russian', 'привет мир '.repeat(200), 1200, 1500],
    ['French', 'déjà vu à Orléans '.repeat(100), 450, 650],
    ['emoji', '🎉🔥'.repeat(300), 600, 900],
    ['escaped Chinese', '\\u4f60\\u597d'.repeat(500), 1000, 1700],
  ])('%s has more tokens than a fourth of its characters', (_, text, least, most) => {
    const { input } = estimateTokens(exchangeOf(`{"model":"m","messages":[{"role":"user","content":"${text}"}]}`))
    expect(input).toBeGreaterThanOrEqual(least)
    expect(input).toBeLessThanOrEqual(most)
  })
})

describe('what is large or holds media is read', () => {
  test('an image is no million tokens', () => {
    const body = ask([
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: {} },
    ])
    const request = canonical([{ type: 'text', text: 'What is this?' }, IMAGE], { maxTokens: 100 })
    const { input, output, limited } = estimateTokens(exchangeOf(body, { canonical: request }))
    expect(input).toBeGreaterThan(1000)
    expect(input).toBeLessThan(1050)
    expect([output, limited]).toEqual([100, true])
  })

  test('media in a tool result count, too', () => {
    const result = { type: 'tool-result', callId: 'c', content: [IMAGE, IMAGE] }
    const { input } = estimateTokens(exchangeOf(ask([{ type: 'tool_result' }]), { canonical: canonical([result]) }))
    expect(input).toBeGreaterThan(2000)
    expect(input).toBeLessThan(2050)
  })

  test('a file of text is text', () => {
    const file = { type: 'file', source: { kind: 'text', text: 'word '.repeat(10_000) } }
    const { input } = estimateTokens(exchangeOf(ask([{ type: 'file' }]), { canonical: canonical([file]) }))
    expect(input).toBeGreaterThanOrEqual(12_500)
    expect(input).toBeLessThan(12_550)
  })

  test('long text counts a fourth of its characters, tools included, proofs and foreign fields not', () => {
    const text = 'word '.repeat(20_000)
    const parts = [
      { type: 'text', text },
      { type: 'reasoning', text: '', signature: 's'.repeat(100_000) },
    ]
    const tools = [{ type: 'function', name: 'f', parameters: { description: 'd'.repeat(40_000) } }]
    const request = canonical(parts, { tools, extensions: { other: { x: 'y'.repeat(100_000) } } })
    const { input, output } = estimateTokens(exchangeOf(ask(text), { canonical: request }))
    expect(input).toBeGreaterThanOrEqual(35_000)
    expect(input).toBeLessThan(35_100)
    expect(output).toBe(DEFAULT_OUTPUT)
  })

  test('what a plugin changed counts as it is now', () => {
    const exchange = exchangeOf(ask('Hello', { max_tokens: 5 }))
    exchange.transformed = true
    exchange.request = canonical([{ type: 'text', text: 'word '.repeat(1000) }], {
      maxTokens: 7,
    }) as unknown as ChatRequest
    expect(estimateTokens(exchange)).toMatchObject({ output: 7, limited: true })
    expect(estimateTokens(exchange).input).toBeGreaterThan(1250)
  })

  test('so does what the gateway asks by itself, which has no body', () => {
    const exchange = exchangeOf('')
    exchange.request = canonical([{ type: 'text', text: 'word '.repeat(1000) }]) as unknown as ChatRequest
    expect(estimateTokens(exchange).input).toBeGreaterThan(1250)
  })

  test('nesting is not bounded by the stack', () => {
    let parameters: JsonObject = {}
    for (let depth = 0; depth < 200_000; depth++) parameters = { type: 'x', value: parameters }
    const request = canonical([], { tools: [{ type: 'function', parameters }] })
    const exchange = exchangeOf('')
    exchange.request = request as unknown as ChatRequest
    expect(estimateTokens(exchange).input).toBeGreaterThan(200_000)
  })
})

describe('other operations have no output', () => {
  test.each<[Operation, JsonObject, number]>([
    ['embeddings', { model: 'm', input: ['Hello', 'world'] }, 10],
    ['rerank', { model: 'm', query: 'q', documents: ['a', 'b'] }, 12],
    ['images', { model: 'm', prompt: 'A cat' }, 8],
    ['count-tokens', ask('Hello'), 0],
    ['models', {}, 0],
    ['operator', { a: 1 }, 0],
  ])('%s', (operation, body, input) => {
    expect(estimateTokens(exchangeOf(body, { operation }))).toEqual({ input, output: 0, limited: true })
  })

  test('token ids count one each, however they are written', () => {
    const inputs = [Array.from({ length: 20_000 }, (_, index) => 100_000 + index)]
    const exchange = exchangeOf(
      { input: inputs },
      { operation: 'embeddings', canonical: { operation: 'embeddings', inputs } },
    )
    expect(estimateTokens(exchange).input).toBe(20_000)
  })

  test('documents count as they are long', () => {
    const documents = ['word '.repeat(5000), { title: 'word '.repeat(5000) }]
    const request = { operation: 'rerank', query: 'q', documents }
    const { input } = estimateTokens(exchangeOf({ documents }, { operation: 'rerank', canonical: request }))
    expect(input).toBeGreaterThanOrEqual(12_500)
    expect(input).toBeLessThan(12_510)
  })
})

describe('bodies that pass unread', () => {
  test.each<[Operation, number, number]>([
    ['transcription', 400, 100],
    ['files', 4_000_000, 16_384],
    ['passthrough', 0, 0],
  ])('%s of %i bytes', (operation, bytes, input) => {
    expect(estimateTokens(exchangeOf(Buffer.alloc(bytes), { operation }))).toEqual({ input, output: 0, limited: true })
  })

  test('have output where the reply is known to be a chat', () => {
    const exchange = exchangeOf(Buffer.alloc(40), { operation: 'passthrough' })
    exchange.raw = { route: { model: 'm', path: '/', reads: 'chat' }, rest: undefined, sent: false }
    expect(estimateTokens(exchange)).toEqual({ input: 10, output: DEFAULT_OUTPUT, limited: false })
  })
})
