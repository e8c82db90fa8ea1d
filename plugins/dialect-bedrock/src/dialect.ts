import type { Dialect } from '@sluice/core'
import { chat } from './chat/index.ts'
import { countTokens } from './count-tokens.ts'
import { embeddings } from './embeddings/index.ts'
import { endpoints, speaksAws } from './endpoints.ts'
import { decodeError, encodeError, encodeStreamError } from './errors.ts'
import { NAME } from './extensions.ts'
import { invoke } from './invoke.ts'
import { rerank } from './rerank.ts'

/** Bedrock's runtime API: Converse, CountTokens and InvokeModel (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html). */
export const bedrock: Dialect = {
  name: NAME,
  codecs: { chat, 'count-tokens': countTokens, embeddings, rerank },
  raw: { passthrough: invoke },
  endpoints,
  recognises: speaksAws,
  requestHeaders: ['x-amzn-bedrock-*'],
  replyHeaders: ['x-amzn-requestid', 'x-amzn-errortype', 'x-amzn-bedrock-*', 'retry-after'],
  encodeError,
  encodeStreamError,
  decodeError,
}
