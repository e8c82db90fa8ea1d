import type { ChatRequest, ChatResponse, Message, Part, Role, StreamPart } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { answer } from '../src/answer.ts'

const says = (role: Role, ...parts: (string | Part)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
})
const hello = [says('user', 'Hello there, world')]
const picture: Part = { type: 'image', source: { kind: 'url', url: 'https://example.com/cat.png' } }
const file: Part = { type: 'file', source: { kind: 'file', id: 'file-1' } }
const result = (text: string): Part => ({ type: 'tool-result', callId: 'call_1', content: [{ type: 'text', text }] })
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools: ChatRequest['tools'] = [
  { type: 'function', name: 'get_time' },
  { type: 'function', name: 'get_weather', parameters: city },
]

const request = (more: Partial<ChatRequest> = {}): ChatRequest => ({
  operation: 'chat',
  model: 'echo',
  stream: false,
  messages: hello,
  extensions: {},
  ...more,
})
const idle = new AbortController().signal
const ask = async (more?: Partial<ChatRequest>): Promise<ChatResponse> =>
  (await answer(request(more), 0, idle)) as ChatResponse
const stream = async (more?: Partial<ChatRequest>): Promise<StreamPart[]> =>
  Array.fromAsync((await answer(request({ ...more, stream: true }), 0, idle)) as AsyncIterable<StreamPart>)

describe('it says', () => {
  const cases: { name: string; given: Partial<ChatRequest>; text: string; finish?: object }[] = [
    { name: 'what the user said', given: {}, text: 'You said: Hello there, world' },
    {
      name: 'what the user said last',
      given: { messages: [says('user', 'One'), says('assistant', 'Two'), says('user', 'Three', 'Four')] },
      text: 'You said: Three\nFour',
    },
    { name: 'nothing to nothing', given: { messages: [] }, text: 'You said: ' },
    {
      name: 'how much there was to see',
      given: { messages: [says('user', 'Look', picture, picture, file)] },
      text: 'You said: Look [2 images] [1 file]',
    },
    {
      name: 'what a tool gave',
      given: { messages: [...hello, says('tool', result('12 °C'))] },
      text: 'Tool result: 12 °C',
    },
    {
      name: 'what a tool gave, even if it must call one',
      given: { messages: [...hello, says('user', result('12 °C'), 'Well?')], tools, toolChoice: { type: 'required' } },
      text: 'Tool result: 12 °C',
    },
    { name: 'text, if tools are only offered', given: { tools }, text: 'You said: Hello there, world' },
    {
      name: 'JSON',
      given: { responseFormat: { type: 'json' } },
      text: '{"echo":"Hello there, world"}',
    },
    {
      name: 'JSON of a schema',
      given: { responseFormat: { type: 'json-schema', schema: city } },
      text: '{"city":"text"}',
    },
    {
      name: 'as much as it may',
      given: { maxTokens: 4 },
      text: 'You said: Hello there,',
      finish: { unified: 'length' },
    },
    { name: 'all, if that is just what it may', given: { maxTokens: 5 }, text: 'You said: Hello there, world' },
    {
      name: 'what comes before the first stop sequence',
      given: { stop: ['', 'world', ' there'] },
      text: 'You said: Hello',
      finish: { unified: 'stop-sequence', stopSequence: ' there' },
    },
  ]
  test.each(cases)('$name', async ({ given, text, finish = { unified: 'stop' } }) => {
    const { choices } = await ask(given)
    expect(choices).toEqual([{ index: 0, parts: [{ type: 'text', text }], finish }])
  })

  test('the beginning of a very long text', async () => {
    const { choices } = await ask({ messages: [says('user', 'x'.repeat(1_000_000))] })
    expect(choices[0]?.parts).toEqual([{ type: 'text', text: `You said: ${'x'.repeat(65_536)}` }])
  })
})

describe('it calls', () => {
  test.each([
    { what: 'the first tool, if it must call one', toolChoice: { type: 'required' }, call: ['get_time', '{}'] },
    {
      what: 'the tool that is named',
      toolChoice: { type: 'tool', name: 'get_weather' },
      call: ['get_weather', '{"city":"text"}'],
    },
  ] as const)('$what', async ({ toolChoice, call: [name, args] }) => {
    const { choices } = await ask({ tools, toolChoice })
    const parts = [{ type: 'tool-call', id: 'call_1', name, arguments: args }]
    expect(choices).toEqual([{ index: 0, parts, finish: { unified: 'tool-calls' } }])
  })

  test('with an id that the conversation has not had', async () => {
    const call: Part = { type: 'tool-call', id: 'call_1', name: 'get_time', arguments: '{}' }
    const messages = [...hello, says('assistant', call), says('tool', result('Noon')), says('user', 'Again')]
    const { choices } = await ask({ messages, tools, toolChoice: { type: 'required' } })
    expect(choices[0]?.parts).toMatchObject([{ id: 'call_2' }])
  })
})

describe('it thinks first', () => {
  test.each([{ effort: 'low' }, { budgetTokens: 1024 }, { adaptive: true }])('if asked to: %o', async (reasoning) => {
    const { choices, usage } = await ask({ reasoning })
    expect(choices[0]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'text'])
    expect(usage?.output).toEqual({ total: 13, reasoning: 8 })
  })

  test.each([{ effort: 'none' }, { budgetTokens: 0 }])('but not if asked not to: %o', async (reasoning) => {
    const { choices } = await ask({ reasoning })
    expect(choices[0]?.parts.map(({ type }) => type)).toEqual(['text'])
  })

  test('within the limit of tokens', async () => {
    const { choices, usage } = await ask({ reasoning: { effort: 'low' }, maxTokens: 7 })
    expect(choices).toEqual([
      {
        index: 0,
        parts: [{ type: 'reasoning', text: 'They said something, so I say it' }],
        finish: { unified: 'length' },
      },
    ])
    expect(usage?.output).toEqual({ total: 7, reasoning: 7 })
  })
})

describe('a token is a word', () => {
  const counts = async (more: Partial<ChatRequest>) => {
    const { usage } = await ask(more)
    return [usage?.input.total, usage?.output.total]
  }
  test.each<[string, Partial<ChatRequest>, number[]]>([
    ['of the messages and of the answer', {}, [3, 5]],
    ['white space belongs to the word behind it', { messages: [says('user', '  a \n b')] }, [2, 4]],
    ['an image counts as one', { messages: [says('user', 'Look', picture)] }, [2, 5]],
    ['arguments and results count', { messages: [says('tool', result('12 °C'))] }, [2, 4]],
    ['every answer is counted', { n: 3 }, [3, 15]],
  ])('%s', async (_, given, expected) => {
    expect(await counts(given)).toEqual(expected)
  })
})

describe('streams', () => {
  test('come word by word, with usage at the end', async () => {
    expect(
      await stream({ messages: [says('user', 'Hi all')], n: 2, reasoning: { effort: 'low' }, maxTokens: 9 }),
    ).toEqual([
      { type: 'start', model: 'echo' },
      ...[0, 1].flatMap((choice) => [
        ...['They', ' said', ' something,', ' so', ' I', ' say', ' it', ' back.'].map((text) => ({
          type: 'reasoning-delta',
          block: 0,
          choice,
          text,
        })),
        { type: 'text-delta', block: 1, choice, text: 'You' },
        { type: 'finish', choice, finish: { unified: 'length' } },
      ]),
      {
        type: 'usage',
        usage: { input: { total: 2, cacheRead: 0, cacheWrite: 0 }, output: { total: 18, reasoning: 16 } },
      },
    ])
  })

  test('call a tool in pieces', async () => {
    const parts = await stream({ tools, toolChoice: { type: 'tool', name: 'get_weather' } })
    expect(parts.slice(1, 4)).toEqual([
      { type: 'tool-call-start', block: 0, choice: 0, id: 'call_1', name: 'get_weather' },
      { type: 'tool-call-delta', block: 0, choice: 0, arguments: '{"city":"text"}' },
      { type: 'finish', choice: 0, finish: { unified: 'tool-calls' } },
    ])
  })

  test('say what the whole answer says', async () => {
    const text = 'A  text\twith\n\n all kinds of white space. '
    const parts = await stream({ messages: [says('user', text)] })
    const said = parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
    expect(said).toBe(`You said: ${text}`)
  })
})

describe('what no model could do is refused', () => {
  test.each<[string, Partial<ChatRequest>]>([
    ['n', { n: 0 }],
    ['n', { n: 1.5 }],
    ['n', { n: 1e9 }],
    ['max_tokens', { maxTokens: 0 }],
    ['max_tokens', { maxTokens: -5 }],
    ['tool_choice', { tools, toolChoice: { type: 'tool', name: 'get_rich' } }],
  ])('%s: %o', (param, given) => {
    expect(() => answer(request(given), 0, idle)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

describe('time', () => {
  test.each([false, true])('a word takes as long as the delay; stream: %s', async (streamed) => {
    const start = performance.now()
    const given = await answer(request({ stream: streamed }), 4, idle)
    if (streamed) await Array.fromAsync(given as AsyncIterable<StreamPart>)
    expect(performance.now() - start).toBeGreaterThanOrEqual(5 * 4 - 2)
  })

  const minute = 60_000
  const both = async (delay: number, signal: AbortSignal): Promise<Promise<unknown>[]> => {
    const parts = (await answer(request({ stream: true }), delay, signal)) as AsyncIterable<StreamPart>
    return [Promise.resolve(answer(request(), delay, signal)), Array.fromAsync(parts)]
  }

  test('the signal ends a whole answer and a stream that wait', async () => {
    const controller = new AbortController()
    const answers = await both(minute, controller.signal)
    controller.abort()
    for (const given of answers) await expect(given).rejects.toThrow('aborted')
  })

  test('nothing is said after the signal', async () => {
    for (const given of await both(0, AbortSignal.abort())) await expect(given).rejects.toThrow('aborted')
  })
})
