/** Conversations of other dialects, which each dialect must bring into the form that its own has. */
import assert from 'node:assert/strict'
import type { Message, Part } from '@sluice/core'
import { encodeWith } from './calls.ts'
import { requestOf, says } from './canonical.ts'
import type { Rule } from './rule.ts'

const hi = says('user', 'Hi')
const call: Part = { type: 'tool-call', id: 'a', name: 'weather', arguments: '{}' }
const result: Part = { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'A' }] }

/** Conversations that can be carried, once they are arranged. */
export const CONVERSATIONS = {
  /** System and developer speak between the turns. */
  instructed: [says('developer', 'A'), hi, says('assistant', 'Hello'), says('system', 'B', ''), says('user', 'Go')],
  /** Several turns of one role follow one another; some of their texts are blank, and one turn is. */
  scattered: [
    hi,
    says('assistant', ''),
    says('user', ' \n', 'there'),
    says('assistant', 'A', ''),
    says('assistant', 'B'),
  ],
} satisfies { [what: string]: Message[] }

/** Conversations that cannot be carried without changing what they say. */
export const UNFIT = {
  brokenArguments: [hi, says('assistant', { ...call, arguments: '{"x":' }), says('tool', result)],
  listOfArguments: [hi, says('assistant', { ...call, arguments: '[1]' }), says('tool', result)],
  resultWithoutCall: [hi, says('tool', result)],
  storedFile: [says('user', { type: 'file', source: { kind: 'file', id: 'file-1' } })],
  foreignPart: [says('user', { type: 'raw', dialect: 'gemini', value: { type: 'x' } })],
  pictureOfTheSystem: [
    says('system', { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } }),
    hi,
  ],
} satisfies { [what: string]: Message[] }

/** Of dialects in which the turns of user and assistant alternate. */
export const MERGING: readonly Rule[] = [
  [
    'merges a very long run of turns without growing slow',
    (chat) => {
      const { body } = encodeWith(chat, 'm', requestOf(Array.from({ length: 50_000 }, () => hi)))
      const timesIn = (word: string) => JSON.stringify(body).split(JSON.stringify(word)).length - 1
      assert.deepEqual([timesIn('user'), timesIn('Hi')], [1, 50_000])
    },
  ],
]
