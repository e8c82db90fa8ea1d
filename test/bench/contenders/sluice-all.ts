/** Sluice with every plugin there is; the log goes to /dev/null. */
import { accessLog } from '@sluice/log-access'
import { compatible } from '@sluice/provider-compatible'
import { echo } from '@sluice/provider-echo'
import { serve } from './gateway.ts'

await serve([accessLog(), echo(), compatible({ vendor: 'groq', apiKey: 'gsk-bench-upstream' })])
