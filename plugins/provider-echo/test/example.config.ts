import { defineConfig } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'

export default defineConfig({
  models: { assistant: 'echo/echo', slow: 'slow-echo/echo' },
  plugins: [openaiDialect(), anthropicDialect(), echo(), echo({ delay: '50ms' }, { id: 'slow-echo' })],
})
