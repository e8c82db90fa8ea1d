/** What only OpenAI's API has, and vendors that copy it. */
import { events } from './events.ts'
import { opaqueCodec } from './codec.ts'
import { sound } from './sound.ts'

/** `POST /v1/moderations` */
export const moderations = opaqueCodec({
  operation: 'moderations',
  required: { input: 'any' },
  model: 'omni-moderation-latest',
})

/** `POST /v1/images/generations`; also reads the replies of edits and variations. */
export const images = opaqueCodec({
  operation: 'images',
  required: { prompt: 'text' },
  model: 'dall-e-2',
  stream: { codec: events },
})

/** `POST /v1/audio/speech` */
export const speech = opaqueCodec({
  operation: 'speech',
  required: { input: 'text', voice: 'any' },
  stream: { codec: sound, always: true },
})

/** Reads the replies of transcriptions; their requests are forms, which pass unread. */
export const transcription = opaqueCodec({
  operation: 'transcription',
  required: {},
  stream: { codec: events },
})
