import { defineConfig, env } from '@sluice/core'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { bedrock } from '@sluice/provider-bedrock'

export default defineConfig({
  models: { assistant: 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0' },
  plugins: [
    bedrockDialect(),
    bedrock({
      region: 'eu-central-1',
      accessKeyId: env('BEDROCK_ACCESS_KEY_ID'),
      secretAccessKey: env('BEDROCK_SECRET_ACCESS_KEY'),
    }),
  ],
})
