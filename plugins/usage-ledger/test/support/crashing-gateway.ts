/** Run as a process, to be killed: `<upstream> <spool> <journal file>`. Prints its address. */
import { createGateway } from '@sluice/core'
import { openaiDialect } from '@sluice/dialect-openai'
import { compatible } from '@sluice/provider-compatible'
import { memoryStore } from '@sluice/store-memory'
import { prices } from '@sluice/usage-prices'
import { ledger } from '../../src/index.ts'
import { FileJournal, journalPlugin } from './journals.ts'

const [baseUrl, spool, file] = process.argv.slice(2) as [string, string, string]
const gateway = await createGateway({
  server: { port: 0, logLevel: 'fatal' },
  capabilities: { Journal: 'test-journal' },
  plugins: [
    openaiDialect(),
    compatible({ vendor: 'vllm', baseUrl }),
    memoryStore(),
    journalPlugin(new FileJournal(file)),
    prices({ prices: { 'vllm/*': { input: 1, output: 1 } } }),
    ledger({ spool, interval: '20ms' }),
  ],
})
const { url } = await gateway.listen()
process.stdout.write(`${url}\n`)
