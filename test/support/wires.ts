/** Each dialect as its own documents tell it: how to ask, how to answer, how to read and how to check. */
import type { UpstreamReply } from '@sluice/core/testing'
import { anthropic } from './ask/anthropic.ts'
import type { Asker } from './ask/asker.ts'
import { bedrock } from './ask/bedrock.ts'
import { cohere } from './ask/cohere.ts'
import { gemini } from './ask/gemini.ts'
import { openaiChat } from './ask/openai-chat.ts'
import { openaiResponses } from './ask/openai-responses.ts'
import { checkMessage } from './checkers/anthropic-answer.ts'
import { checkAnthropicStream } from './checkers/anthropic-stream.ts'
import { checkConverse } from './checkers/bedrock-answer.ts'
import { checkBedrockStream } from './checkers/bedrock-stream.ts'
import { checkCohere } from './checkers/cohere-answer.ts'
import { checkCohereStream } from './checkers/cohere-stream.ts'
import { checkChunks, checkGeminiStream } from './checkers/gemini-stream.ts'
import { checkWholeResponse } from './checkers/openai-responses-answer.ts'
import { checkResponsesStream } from './checkers/openai-responses-stream.ts'
import { checkCompletion } from './checkers/openai-answer.ts'
import { checkOpenAIStream } from './checkers/openai-stream.ts'
import type { ByDialect } from './dialect-names.ts'
import type { Answer } from './oracle/answer.ts'
import { readMessagesRequest } from './oracle/anthropic-question.ts'
import { eventsOf, messageOf, readEvents, readMessage } from './oracle/anthropic.ts'
import { readConverseRequest } from './oracle/bedrock-question.ts'
import { converseOf, readConverse } from './oracle/bedrock.ts'
import { readCohereRequest } from './oracle/cohere-question.ts'
import { cohereOf, readCohere } from './oracle/cohere.ts'
import { readGenerateRequest } from './oracle/gemini-question.ts'
import { chunksOfGemini, generatedOf, readGenerated } from './oracle/gemini.ts'
import type { Json } from './oracle/json.ts'
import { completionOf } from './oracle/openai-message.ts'
import { readChatRequest } from './oracle/openai-question.ts'
import { readResponsesRequest } from './oracle/openai-responses-question.ts'
import { readResponse, responseOf } from './oracle/openai-responses.ts'
import { chunksOf, readChunks, readCompletion } from './oracle/openai.ts'
import type { Question } from './oracle/question.ts'
import { sayBedrock } from './say/bedrock.ts'
import { sayCohere } from './say/cohere.ts'
import { sayGemini } from './say/gemini.ts'
import { sayResponses } from './say/openai-responses.ts'
import { say } from './say.ts'
import type { Line } from './say.ts'

export interface Wire extends Asker {
  /** The answer that a stream says, as a whole body. */
  whole(this: void, stream: Buffer): Json
  /** @param vendor whose accounting it is */
  read(this: void, body: Json, vendor: string): Answer
  readStream(this: void, stream: Buffer, vendor: string): Answer
  /**
   * @param isCounted whether the upstream counted tokens
   * @throws Error naming the first rule that the stream breaks
   */
  checkStream(this: void, stream: Buffer, isCounted: boolean): void
  /** The same of a whole body. */
  checkBody(this: void, body: Json, isCounted: boolean): void
  readQuestion(this: void, body: Json, path: string): Question
  say(this: void, line: Line, isStream: boolean): UpstreamReply
}

export const WIRES: ByDialect<Wire> = {
  'openai-chat': {
    ...openaiChat,
    whole: completionOf,
    read: readCompletion,
    readStream: (stream, vendor) => readChunks(chunksOf(stream), vendor),
    checkStream: (stream, isCounted) => checkOpenAIStream(stream, { usage: isCounted }),
    checkBody: checkCompletion,
    readQuestion: readChatRequest,
    say: say.openai,
  },
  'openai-responses': {
    ...openaiResponses,
    whole: responseOf,
    read: readResponse,
    readStream: (stream) => readResponse(responseOf(stream)),
    checkStream: checkResponsesStream,
    checkBody: checkWholeResponse,
    readQuestion: readResponsesRequest,
    say: sayResponses,
  },
  anthropic: {
    ...anthropic,
    whole: (stream) => messageOf(eventsOf(stream)),
    read: readMessage,
    readStream: (stream) => readEvents(eventsOf(stream)),
    checkStream: checkAnthropicStream,
    checkBody: checkMessage,
    readQuestion: readMessagesRequest,
    say: say.anthropic,
  },
  gemini: {
    ...gemini,
    whole: (stream) => generatedOf(chunksOfGemini(stream)),
    read: readGenerated,
    readStream: (stream) => readGenerated(generatedOf(chunksOfGemini(stream))),
    checkStream: checkGeminiStream,
    checkBody: (body, isCounted) => checkChunks([body], isCounted),
    readQuestion: readGenerateRequest,
    say: sayGemini,
  },
  cohere: {
    ...cohere,
    whole: cohereOf,
    read: readCohere,
    readStream: (stream) => readCohere(cohereOf(stream)),
    checkStream: checkCohereStream,
    checkBody: checkCohere,
    readQuestion: readCohereRequest,
    say: sayCohere,
  },
  bedrock: {
    ...bedrock,
    whole: converseOf,
    read: readConverse,
    readStream: (stream) => readConverse(converseOf(stream)),
    checkStream: checkBedrockStream,
    checkBody: checkConverse,
    readQuestion: readConverseRequest,
    say: sayBedrock,
  },
}

/** What a client reads in a reply that came over another dialect. */
export function hear({ read, readStream }: Wire, reply: Buffer, isStream: boolean): Answer {
  // The gateway's accounting is OpenAI's own, where vendors of that dialect differ.
  return isStream ? readStream(reply, 'openai') : read(JSON.parse(reply.toString()) as Json, 'openai')
}
