import { defineConfig, env } from '@sluice/core'
import { geminiDialect } from '@sluice/dialect-gemini'
import { gemini } from '@sluice/provider-gemini'

export default defineConfig({
  models: { assistant: 'gemini/gemini-2.5-flash' },
  plugins: [geminiDialect(), gemini({ apiKey: env('GEMINI_API_KEY') })],
})
