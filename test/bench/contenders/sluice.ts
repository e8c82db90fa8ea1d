/** Sluice with nothing but its dialects and providers. */
import { serve } from './gateway.ts'

await serve([])
