import type { Dialect } from '@sluice/core'
import { chat } from './chat/index.ts'
import { endpoints, speaksAws } from './endpoints.ts'
import { decodeError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'

/** Converse and ConverseStream (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
export const bedrock: Dialect = {
  name: NAME,
  codecs: { chat },
  endpoints,
  recognises: speaksAws,
  requestHeaders: ['x-amzn-bedrock-*'],
  replyHeaders: ['x-amzn-requestid', 'x-amzn-bedrock-*', 'retry-after'],
  encodeError,
  encodeStreamError,
  decodeError,
}
