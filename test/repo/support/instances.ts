/** An instance of every dialect plugin, and of every provider plugin for each thing that it can be set up for. */
import type { PluginInstance } from '@sluice/core'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { bedrockDialect } from '@sluice/dialect-bedrock'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { anthropic } from '@sluice/provider-anthropic'
import { azure } from '@sluice/provider-azure'
import { bedrock } from '@sluice/provider-bedrock'
import { cohere } from '@sluice/provider-cohere'
import { compatible, VENDORS } from '@sluice/provider-compatible'
import type { VendorName } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { vertex } from '@sluice/provider-vertex'

const apiKey = 'sk-upstream'

export const dialectPlugins = (): PluginInstance[] => [
  openaiDialect(),
  anthropicDialect(),
  geminiDialect(),
  cohereDialect(),
  bedrockDialect(),
]

/** Ids are what the table calls them. */
export const providerPlugins = (baseUrl: string): PluginInstance[] => [
  openai({ apiKey, baseUrl }),
  anthropic({ apiKey, baseUrl }),
  gemini({ apiKey, baseUrl }),
  cohere({ apiKey, baseUrl }),
  bedrock({ apiKey, baseUrl, region: 'us-east-1' }),
  azure({ apiKey, baseUrl }),
  vertex({ project: 'project', accessToken: apiKey, baseUrl }),
  vertex({ project: 'project', accessToken: apiKey, baseUrl, publisher: 'anthropic' }, { id: 'vertex-claude' }),
  ...(Object.keys(VENDORS) as VendorName[]).map((vendor) => compatible({ vendor, apiKey, baseUrl })),
  echo(),
]
