/** What both sluice contenders share: every dialect, and a provider that speaks it. */
import { createGateway, defineConfig } from '@sluice/core'
import type { PluginInstance, PluginList } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { bedrock } from '@sluice/provider-bedrock'
import { cohere } from '@sluice/provider-cohere'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { oneForm } from '../../support/one-form.ts'
import { MODELS, WIRES } from '../wires.ts'
import type { ByWire } from '../wires.ts'

const upstream = process.env['UPSTREAM'] ?? ''
const apiKey = 'sk-bench-upstream'
const baseUrl = `${upstream}/v1`

const PROVIDERS: ByWire<PluginInstance> = {
  // Where OpenAI speaks both, nothing would be translated.
  'openai-chat': oneForm(openai({ apiKey, baseUrl }, { id: 'openai-chat' })),
  'openai-responses': oneForm(openai({ apiKey, baseUrl, api: 'responses' }, { id: 'openai-responses' })),
  anthropic: anthropic({ apiKey, baseUrl: upstream }),
  gemini: gemini({ apiKey, baseUrl: upstream }),
  cohere: cohere({ apiKey, baseUrl: upstream }),
  // A key, not a signature: what is measured is the gateway, not SHA-256.
  bedrock: bedrock({ apiKey, baseUrl: upstream, region: 'us-east-1' }),
}

/** Serves on `PORT` with the least that can serve, and `plugins` besides. */
export async function serve(plugins: PluginList): Promise<void> {
  const config = defineConfig({
    server: { port: Number(process.env['PORT']) },
    models: Object.fromEntries(WIRES.map((wire) => [MODELS[wire], `${wire}/${MODELS[wire]}`])),
    plugins: [
      [openaiDialect(), anthropicDialect(), geminiDialect(), cohereDialect(), bedrockDialect()],
      Object.values(PROVIDERS),
      plugins,
    ],
  })
  const gateway = await createGateway(config)
  await gateway.listen()
  process.once('SIGTERM', () => void gateway.close().then(() => process.exit()))
}
