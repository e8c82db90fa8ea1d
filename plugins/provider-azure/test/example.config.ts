import { defineConfig, env } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { azure } from '@sluice/provider-azure'

export default defineConfig({
  models: { assistant: 'azure/my-gpt-5' },
  plugins: [
    openaiDialect(),
    azure({ baseUrl: 'https://my-resource.openai.azure.com', apiKey: env('AZURE_OPENAI_API_KEY') }),
  ],
})
