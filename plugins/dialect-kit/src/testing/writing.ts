/** What writers of streams do with the parts of another dialect: rules that each dialect runs with its own codec. */
import assert from 'node:assert/strict'
import type { StreamPart } from '@sluice/core'
import { readStream, writeStream } from './calls.ts'
import { reply } from './canonical.ts'
import type { Rule } from './rule.ts'

/** Of dialects whose streams end with finish and usage. */
export const WRITING: readonly Rule[] = [
  [
    'finish, usage and text may come in any order',
    (chat) => {
      const text: StreamPart = { type: 'text-delta', block: 0, text: 'A' }
      const counts = { input: { total: 10, cacheRead: 4, cacheWrite: 1 }, output: { total: 3, reasoning: 2 } }
      const usage: StreamPart = { type: 'usage', usage: counts }
      for (const unified of ['stop', 'length'] as const) {
        const finish: StreamPart = { type: 'finish', finish: { unified } }
        for (const order of [
          [text, finish, usage],
          [text, usage, finish],
          [finish, text, usage],
          [usage, finish, text],
        ]) {
          const { parts, whole } = readStream(chat, writeStream(chat, order))
          assert.equal(whole, true)
          const found = parts.map((part) => (part.type === 'finish' ? part.finish.unified : part.type))
          assert.deepEqual(found, ['start', 'text-delta', unified, 'usage'])
        }
      }
    },
  ],
]

/** Of dialects whose streams are one answer in blocks, each of them open until the next. */
export const WRITING_BLOCKS: readonly Rule[] = [
  [
    'other choices and other dialects’ raw parts are left out',
    (chat) => {
      const bytes = writeStream(chat, [
        { type: 'text-delta', block: 0, text: 'second', choice: 1 },
        { type: 'raw', dialect: 'openai-responses', value: { type: 'x' } },
        { type: 'audio-delta', block: 0, data: 'AA==' },
        { type: 'audio-delta', block: 0, transcript: 'spoken' },
      ])
      assert.deepEqual(
        readStream(chat, bytes).parts.filter(({ type }) => type === 'text-delta'),
        [{ type: 'text-delta', block: 0, text: 'spoken' }],
      )
    },
  ],
  [
    'half the arguments of a call never go out',
    (chat) => {
      const writer = chat.stream.writer(reply)
      writer.push({ type: 'tool-call-start', block: 0, id: 'a', name: 'f' })
      writer.push({ type: 'tool-call-start', block: 1, id: 'b', name: 'f' })
      assert.throws(() => writer.push({ type: 'tool-call-delta', block: 0, arguments: '{' }), {
        code: 'upstream_error',
      })
    },
  ],
]
