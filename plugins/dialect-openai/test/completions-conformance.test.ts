import { recordedCases, testDialect } from '@sluice/core/testing'
import { test } from 'vitest'
import { openaiCompletions } from '../src/index.ts'

/** The API knows neither tools nor turns, and instructions are the beginning of the prompt. */
const UNSAYABLE = /^the sample (?:response|stream) ".*tool call|^the sample request "system"/

testDialect({
  test: (name, run) => test.skipIf(UNSAYABLE.test(name))(name, run),
  dialect: openaiCompletions,
  // Mistral's endpoint of this name answers with chats.
  cases: recordedCases({ providers: ['openai'], endpoints: ['completions'] }),
  refuses: ['conversation', 'tool result', 'parallel tool results', 'image', 'image by address'],
})
