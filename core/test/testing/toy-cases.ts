/** Traffic in the toy dialect, as if it had been recorded. */
import type { JsonObject } from '../../src/model.ts'
import { SAMPLE_REQUESTS, SAMPLE_RESPONSES, SAMPLE_STREAMS } from '../../src/testing/index.ts'
import type { RecordedCase, RecordedMeta } from '../../src/testing/index.ts'

const meta = (name: string, group: string): RecordedMeta => ({
  case: name,
  provider: 'toy',
  endpoint: 'chat',
  method: 'POST',
  url: 'http://toy/',
  model: 'sample-model',
  kind: name,
  group,
  http_status: 200,
  stream: true,
  fidelity: 'raw',
  files: {},
  notes: [],
})

const requestBytes = Buffer.from(JSON.stringify(SAMPLE_REQUESTS.tools))
const request = JSON.parse(requestBytes.toString()) as JsonObject
const response = JSON.parse(JSON.stringify(SAMPLE_RESPONSES.text)) as JsonObject
const stream = Buffer.from(SAMPLE_STREAMS['text and tool call'].map((part) => `${JSON.stringify(part)}\n`).join(''))

export const toyCases: RecordedCase[] = [
  { name: 'stream', meta: meta('stream', 'stream'), request, requestBytes, stream, status: 200, headers: {} },
  { name: 'whole', meta: meta('whole', 'text'), request, response, status: 200, headers: {} },
  {
    name: 'failed',
    meta: meta('failed', 'error'),
    stream: Buffer.from('{"type":"error"}\n'),
    status: 200,
    headers: {},
  },
  {
    name: 'refused',
    meta: meta('refused', 'error'),
    request,
    response: { error: { message: 'wait' } },
    status: 429,
    headers: { 'retry-after': '5' },
  },
]
