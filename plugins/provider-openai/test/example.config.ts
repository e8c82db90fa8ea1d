import { defineConfig, env } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { openai } from '@sluice/provider-openai'

export default defineConfig({
  models: { assistant: 'openai/gpt-5.1' },
  plugins: [openaiDialect(), openai({ apiKey: env('OPENAI_API_KEY') })],
})
