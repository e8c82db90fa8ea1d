/** Sluice with more providers, the access log, stored responses, passthrough and realtime; the log goes to /dev/null. */
import { accessLog } from '@sluice/log-access'
import { azure } from '@sluice/provider-azure'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { vertex } from '@sluice/provider-vertex'
import { passthrough } from '@sluice/route-passthrough'
import { realtime } from '@sluice/route-realtime'
import { memoryStore } from '@sluice/store-memory'
import { responseStore } from '@sluice/store-responses'
import { serve } from './gateway.ts'

const apiKey = 'bench-upstream'

await serve([
  [accessLog(), echo(), memoryStore(), responseStore(), passthrough(), realtime()],
  compatible({ vendor: 'groq', apiKey }),
  azure({ apiKey, baseUrl: 'https://bench.openai.azure.com' }),
  vertex({ project: 'bench', accessToken: apiKey }),
])
