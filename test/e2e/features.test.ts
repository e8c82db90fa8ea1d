/** What the official clients can ask for reaches either upstream, and what it answers reaches the client. */
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../support/api.ts'
import { ask } from '../support/clients.ts'
import { emptyChoice } from '../support/oracle/answer.ts'
import type { Answer } from '../support/oracle/answer.ts'
import { expectedBy } from '../support/oracle/expected.ts'
import type { Question } from '../support/oracle/question.ts'
import { pairs } from '../support/pairs.ts'
import type { Pair } from '../support/pairs.ts'
import { readQuestion } from '../support/read-question.ts'
import { say } from '../support/say.ts'
import type { Line } from '../support/say.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Asks in the client's own words; gives what the client heard and what the upstream was asked. */
async function exchange(pair: Pair, words: { readonly [api in Api]: object }, line: Line) {
  const { client, upstream, isStream, model } = pair
  stage.upstreams[upstream].reply(say[upstream](line, isStream))
  const { answer } = await ask[client](stage.clients, model, isStream, { request: words[client] })
  const [heard] = answer.choices
  const asked: Question = readQuestion[upstream](stage.upstreams[upstream].requests.at(-1)!.json())
  return { heard: heard!, tokens: answer.tokens, asked }
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const
const CALLS = [
  { id: 'call_1', name: 'weather', arguments: { city: 'Zürich 🌧' } },
  { id: 'call_2', name: 'weather', arguments: { city: 'Rome' } },
  { id: 'call_3', name: 'weather', arguments: {} },
]
const NO_ANSWER: Answer = { id: '', model: '', choices: [], tokens: undefined }
const tools = {
  openai: [{ type: 'function', function: { name: 'weather', description: 'Now', parameters: SCHEMA } }],
  anthropic: [{ name: 'weather', description: 'Now', input_schema: SCHEMA }],
}

describe.each(pairs)('$name:', (pair) => {
  test('a conversation', async () => {
    const turns = [
      { role: 'user', content: 'Say hi' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: [{ type: 'text', text: 'Again, in “Ελληνικά”' }] },
    ]
    const more = { temperature: 0.5 }
    const { heard, asked, tokens } = await exchange(
      pair,
      {
        openai: {
          messages: [{ role: 'system', content: 'Be brief' }, ...turns],
          max_tokens: 50,
          stop: ['END'],
          ...more,
        },
        anthropic: { system: 'Be brief', messages: turns, max_tokens: 50, stop_sequences: ['END'], ...more },
      },
      { text: 'Γειά σου, κόσμε' },
    )
    expect(heard).toMatchObject({ text: 'Γειά σου, κόσμε', finish: pair.client === 'openai' ? 'stop' : 'end_turn' })
    expect(tokens).toMatchObject({ input: 10, output: 20 })
    expect(asked).toMatchObject({ system: 'Be brief', limit: 50, stop: ['END'], temperature: 0.5 })
    expect(asked.turns).toEqual([
      { by: 'user', text: 'Say hi' },
      { by: 'assistant', text: 'Hi' },
      { by: 'user', text: 'Again, in “Ελληνικά”' },
    ])
  })

  test.each([1, 3])('calls of tools: %i', async (count) => {
    const calls = CALLS.slice(0, count)
    const { heard, asked } = await exchange(
      pair,
      {
        openai: { tools: tools.openai, tool_choice: 'required' },
        anthropic: { tools: tools.anthropic, tool_choice: { type: 'any' } },
      },
      { text: 'Let me see.', calls },
    )
    expect(heard).toMatchObject({
      text: 'Let me see.',
      calls,
      finish: pair.client === 'openai' ? 'tool_calls' : 'tool_use',
    })
    expect(asked.tools).toEqual([{ name: 'weather', description: 'Now', schema: SCHEMA }])
    expect(asked.toolChoice).toBe('required')
  })

  test('one tool by name, and no two at once', async () => {
    const { asked } = await exchange(
      pair,
      {
        openai: {
          tools: tools.openai,
          tool_choice: { type: 'function', function: { name: 'weather' } },
          parallel_tool_calls: false,
        },
        anthropic: {
          tools: tools.anthropic,
          tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
        },
      },
      { calls: CALLS.slice(0, 1) },
    )
    expect(asked).toMatchObject({ toolChoice: 'tool weather', parallel: false })
  })

  test('results of tools', async () => {
    const results = CALLS.map(({ id }) => ({ call: id, result: `weather of ${id}` }))
    const { heard, asked } = await exchange(
      pair,
      {
        openai: {
          tools: tools.openai,
          messages: [
            { role: 'user', content: 'Weather?' },
            {
              role: 'assistant',
              content: null,
              tool_calls: CALLS.map(({ id, name, arguments: values }) => {
                return { id, type: 'function', function: { name, arguments: JSON.stringify(values) } }
              }),
            },
            ...results.map(({ call, result }) => ({ role: 'tool', tool_call_id: call, content: result })),
          ],
        },
        anthropic: {
          tools: tools.anthropic,
          messages: [
            { role: 'user', content: 'Weather?' },
            {
              role: 'assistant',
              content: CALLS.map(({ id, name, arguments: input }) => ({ type: 'tool_use', id, name, input })),
            },
            {
              role: 'user',
              content: results.map(({ call, result }) => ({ type: 'tool_result', tool_use_id: call, content: result })),
            },
          ],
        },
      },
      { text: 'Go to Rome.' },
    )
    expect(heard.text).toBe('Go to Rome.')
    expect(asked.turns).toEqual([
      { by: 'user', text: 'Weather?' },
      ...CALLS.map(({ id, name, arguments: values }) => ({ by: 'assistant', call: id, name, arguments: values })),
      ...results.map((result) => ({ by: 'tool', ...result })),
    ])
  })

  test.each([
    {
      where: 'in the request',
      url: `data:image/png;base64,${PNG}`,
      source: { type: 'base64', media_type: 'image/png', data: PNG },
    },
    {
      where: 'on the web',
      url: 'https://example.com/cat.png',
      source: { type: 'url', url: 'https://example.com/cat.png' },
    },
  ])('an image $where', async ({ url, source }) => {
    const question = { type: 'text', text: 'What is this?' }
    const { heard, asked } = await exchange(
      pair,
      {
        openai: { messages: [{ role: 'user', content: [question, { type: 'image_url', image_url: { url } }] }] },
        anthropic: { messages: [{ role: 'user', content: [question, { type: 'image', source }] }] },
      },
      { text: 'A pixel.' },
    )
    expect(heard.text).toBe('A pixel.')
    expect(asked.turns).toEqual([
      { by: 'user', text: 'What is this?' },
      { by: 'user', image: url },
    ])
  })
})

describe('the end of an answer', () => {
  const ends: { readonly [api in Api]: readonly { finish: string; line: Line }[] } = {
    openai: [
      { finish: 'length', line: { text: 'Once' } },
      { finish: 'content_filter', line: { text: 'Once' } },
      // So it ends when the client named the tool.
      { finish: 'stop', line: { calls: CALLS.slice(0, 1) } },
      { finish: 'length', line: { calls: CALLS.slice(0, 1) } },
    ],
    anthropic: ['max_tokens', 'refusal', 'pause_turn', 'model_context_window_exceeded', 'stop_sequence'].map(
      (finish) => ({ finish, line: { text: 'Once' } }),
    ),
  }
  const cases = pairs.flatMap((pair) => ends[pair.upstream].map((end) => ({ ...pair, ...end })))

  test.each(cases)('$name: $finish', async ({ finish, line, ...pair }) => {
    const own =
      pair.upstream === 'openai'
        ? { finish_reason: finish }
        : { stop_reason: finish, stop_sequence: finish === 'stop_sequence' ? 'END' : null }
    const { heard } = await exchange(pair, { openai: {}, anthropic: {} }, { ...line, end: own })
    const { text = '', calls = [] } = line
    const said: Answer = { ...NO_ANSWER, choices: [{ ...emptyChoice(), text, calls: [...calls], finish }] }
    const [expected] = expectedBy(pair.client, pair.upstream, said).choices
    expect(heard).toEqual(expected)
  })
})

describe.each(pairs.filter(({ isStream }) => !isStream))('$client client, $upstream upstream:', (pair) => {
  test("an answer by a schema, read by the SDK's own parser", async () => {
    const { client, upstream, model } = pair
    const { openai, anthropic } = stage.clients
    const messages = [{ role: 'user' as const, content: 'Where?' }]
    stage.upstreams[upstream].reply(say[upstream]({ text: '{"city":"Rome"}' }, false))
    if (client === 'openai') {
      const json_schema = { name: 'place', schema: SCHEMA, strict: true }
      const { choices } = await openai.chat.completions.parse({
        model,
        messages,
        response_format: { type: 'json_schema', json_schema },
      })
      expect(choices[0]?.message.parsed).toEqual({ city: 'Rome' })
    } else {
      const format = jsonSchemaOutputFormat(SCHEMA)
      const { parsed_output } = await anthropic.messages.parse({
        model,
        max_tokens: 100,
        messages,
        output_config: { format },
      })
      expect(parsed_output).toEqual({ city: 'Rome' })
    }
    const asked = readQuestion[upstream](stage.upstreams[upstream].requests.at(-1)!.json())
    expect(asked.schema).toEqual(SCHEMA)
  })
})
