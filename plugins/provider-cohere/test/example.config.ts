import { defineConfig, env } from '@sluice/core'
import { cohereDialect } from '@sluice/dialect-cohere'
import { cohere } from '@sluice/provider-cohere'

export default defineConfig({
  models: { assistant: 'cohere/command-a-03-2025' },
  plugins: [cohereDialect(), cohere({ apiKey: env('CO_API_KEY') })],
})
