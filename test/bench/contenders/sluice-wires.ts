/** Sluice with every dialect and a provider that speaks it. */
import { serve } from './gateway.ts'

await serve([])
