/** Sluice with the least that serves the comparison: two dialects, two providers. */
import { createGateway, defineConfig } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import { oneForm } from '../../support/one-form.ts'
import { MODELS } from '../wires.ts'

const upstream = process.env['UPSTREAM'] ?? ''
const apiKey = 'sk-bench-upstream'
const gateway = await createGateway(
  defineConfig({
    server: { port: Number(process.env['PORT']) },
    models: {
      [MODELS['openai-chat']]: `openai/${MODELS['openai-chat']}`,
      [MODELS.anthropic]: `anthropic/${MODELS.anthropic}`,
    },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      oneForm(openai({ apiKey, baseUrl: `${upstream}/v1` })),
      anthropic({ apiKey, baseUrl: upstream }),
    ],
  }),
)
await gateway.listen()
process.once('SIGTERM', () => void gateway.close().then(() => process.exit()))
