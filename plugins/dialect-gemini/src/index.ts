/** `@sluice/dialect-gemini`: Google's Gemini API as a dialect of the gateway. */
import { definePlugin } from '@sluice/core'
import { gemini, geminiArray, geminiSingle } from './dialect.ts'

export { gemini, geminiArray, geminiSingle } from './dialect.ts'

/** Adds the dialects `gemini`, `gemini-array` and `gemini-single` and the endpoints that Gemini's clients call. No options. */
export const geminiDialect = definePlugin({
  name: 'dialect-gemini',
  version: '0.1.0',
  api: 1,
  setup({ addDialect }) {
    addDialect(gemini)
    addDialect(geminiArray)
    addDialect(geminiSingle)
  },
})
