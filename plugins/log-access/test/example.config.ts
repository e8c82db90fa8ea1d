import { defineConfig } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { accessLog } from '@sluice/log-access'
import { echo } from '@sluice/provider-echo'

export default defineConfig({
  models: { assistant: 'echo/echo' },
  plugins: [openaiDialect(), echo(), accessLog({ ip: false })],
})
