import { defineConfig, env } from '@sluice/core'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { openaiDialect } from '@sluice/dialect-openai'
import { bedrock } from '@sluice/provider-bedrock'
import { fetchMedia } from '@sluice/transform-media'

export default defineConfig({
  models: { assistant: 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0' },
  plugins: [
    openaiDialect(),
    bedrockDialect(),
    bedrock({ region: 'eu-central-1', apiKey: env('BEDROCK_API_KEY') }),
    fetchMedia({ hosts: ['images.example.com', '*.cdn.example.com:8443'], maxSize: '5mb' }),
  ],
})
