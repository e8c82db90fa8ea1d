import { defineConfig, env } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { anthropic } from '@sluice/provider-anthropic'

export default defineConfig({
  models: { assistant: 'anthropic/claude-sonnet-4-5' },
  plugins: [anthropicDialect(), anthropic({ apiKey: env('ANTHROPIC_API_KEY') })],
})
