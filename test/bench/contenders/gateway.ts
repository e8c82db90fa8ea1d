/** What both sluice contenders share: the models, and the two ways upstream. */
import { createGateway, defineConfig } from '@sluice/core'
import type { PluginList } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { openai } from '@sluice/provider-openai'
import { MODELS } from '../traffic.ts'

const upstream = process.env['UPSTREAM'] ?? ''
const apiKey = 'sk-bench-upstream'

/** Serves on `PORT` with the least that can serve, and `plugins` besides. */
export async function serve(plugins: PluginList): Promise<void> {
  const config = defineConfig({
    server: { port: Number(process.env['PORT']) },
    models: { [MODELS.openai]: `openai/${MODELS.openai}`, [MODELS.anthropic]: `anthropic/${MODELS.anthropic}` },
    plugins: [
      openaiDialect(),
      anthropicDialect(),
      openai({ apiKey, baseUrl: `${upstream}/v1` }),
      anthropic({ apiKey, baseUrl: upstream }),
      plugins,
    ],
  })
  const gateway = await createGateway(config)
  await gateway.listen()
  process.once('SIGTERM', () => void gateway.close().then(() => process.exit()))
}
