/** Who says what in a conversation, media aside. */
import type { ChatRequest, Part } from '@sluice/core'
import type { RequestFeature } from '../request-features.ts'
import { call, feature, hello, result, says, text, weather } from './build.ts'

const done = says('tool', result(text('It is sunny.')))
const answered = says('assistant', text('Hi'))
const again = says('user', text('And now?'))

/** A conversation with a tool call in it. */
const called = (...parts: Part[]): Partial<ChatRequest> => ({
  tools: [weather],
  messages: [hello, says('assistant', ...parts), done, again],
})
/** One in which the assistant has said `parts`. */
const said = (...parts: Part[]): Partial<ChatRequest> => ({ messages: [hello, says('assistant', ...parts), again] })
const before = said(text('Hi'))
export const conversation: readonly RequestFeature[] = [
  feature('system message', { messages: [says('system', text('Be brief.')), hello] }, ['system', 'Be brief.']),
  feature(
    'system message in the middle',
    { messages: [hello, answered, says('system', text('Be brief.')), again] },
    ['Be brief.'],
    before,
  ),
  feature('developer message', { messages: [says('developer', text('Be brief.')), hello] }, ['developer', 'Be brief.']),
  feature('text of the user', {}, ['Hello'], { messages: [says('user', text('Goodbye'))] }),
  feature('answer of the assistant', before, ['Hi'], said(text('Ho'))),
  feature("a participant's name", { messages: [{ ...hello, name: 'ada' }] }, ['ada']),
  feature('refusal in the history', said({ type: 'refusal', text: 'I cannot.' }), ['I cannot.'], before),
  feature(
    'citation in the history',
    said({ ...text('Hi'), citations: [{ url: 'https://example.com/a', title: 'A', start: 0, end: 2 }] }),
    ['https://example.com/a'],
    before,
  ),
  feature('tool call and its result', called(call), ['call_1', 'get_weather', 'Rome', 'It is sunny.'], {
    tools: [weather],
    messages: [hello, again],
  }),
  feature(
    'two results at once',
    {
      tools: [weather],
      messages: [
        hello,
        says('assistant', call, { ...call, id: 'call_2' }),
        done,
        says('tool', { ...result(text('It is windy.')), callId: 'call_2' }),
      ],
    },
    ['It is sunny.', 'It is windy.'],
    { tools: [weather] },
  ),
  feature(
    'tool result that is an error',
    {
      tools: [weather],
      messages: [hello, says('assistant', call), says('tool', { ...result(text('Gone.')), isError: true })],
    },
    [],
    { tools: [weather], messages: [hello, says('assistant', call), says('tool', result(text('Gone.')))] },
  ),
  feature(
    'tool result with an image',
    {
      tools: [weather],
      messages: [
        hello,
        says('assistant', call),
        says(
          'tool',
          result(text('See.'), {
            type: 'image',
            source: { kind: 'base64', data: 'iVBORw0KGgo=', mediaType: 'image/png' },
          }),
        ),
      ],
    },
    ['iVBORw0KGgo='],
    { tools: [weather], messages: [hello, says('assistant', call), says('tool', result(text('See.')))] },
  ),
  feature('cache hint on a message', { messages: [says('user', { ...text('Hello'), cache: { ttl: '5m' } })] }),
]
