/** What Vercel's AI SDK asks for beside chats: vectors, images, speech. */
import type { JsonObject } from '@sluice/core'
import { body as bytes, createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import type { MockUpstream, TestGateway } from '@sluice/core/testing'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { cohere } from '@sluice/provider-cohere'
import { gemini } from '@sluice/provider-gemini'
import { openai } from '@sluice/provider-openai'
import { embed, embedMany, generateImage, generateSpeech, transcribe } from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aiProviders } from '../support/ai-sdk.ts'

let upstream: MockUpstream
let gateway: TestGateway
let ai: ReturnType<typeof aiProviders>
beforeAll(async () => {
  upstream = await mockUpstream()
  const apiKey = 'sk-upstream'
  gateway = await createTestGateway({
    plugins: [
      [openaiDialect(), geminiDialect(), cohereDialect()],
      openai({ apiKey, baseUrl: `${upstream.url}/v1` }),
      gemini({ apiKey, baseUrl: upstream.url }),
      cohere({ apiKey, baseUrl: upstream.url }),
    ],
  })
  ai = aiProviders(gateway.url)
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

const VECTORS = [
  [0.5, -1.25],
  [1, 0],
]

/** Of each upstream: a model, what it says, and the texts that it was asked for. */
const EMBEDDERS = {
  openai: {
    model: 'openai/text-embedding-3-small',
    answer: (vectors: number[][]) =>
      json({
        object: 'list',
        data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
        usage: { prompt_tokens: 4, total_tokens: 4 },
      }),
    texts: ({ input }: JsonObject) => [input].flat(),
  },
  gemini: {
    model: 'gemini/gemini-embedding-001',
    answer: (vectors: number[][]) =>
      json({
        embedding: { values: vectors[0] },
        embeddings: vectors.map((values) => ({ values })),
        usageMetadata: { promptTokenCount: 4 },
      }),
    texts: ({ requests, content }: JsonObject) =>
      ((requests ?? [{ content }]) as { content: { parts: { text: string }[] } }[]).map(
        (each) => each.content.parts[0]!.text,
      ),
  },
  cohere: {
    model: 'cohere/embed-v4.0',
    answer: (vectors: number[][]) =>
      json({ id: 'e', embeddings: { float: vectors }, meta: { billed_units: { input_tokens: 4 } } }),
    texts: ({ texts }: JsonObject) => texts,
  },
}

describe.each(['openai', 'google'] as const)('vectors for %s', (client) => {
  test.each(Object.keys(EMBEDDERS) as (keyof typeof EMBEDDERS)[])('of %s', async (vendor) => {
    const { model: name, answer, texts } = EMBEDDERS[vendor]
    const model = ai[client].embedding(name)
    const asked = (): unknown => texts(upstream.requests.at(-1)!.json())

    upstream.reply(answer(VECTORS))
    const many = await embedMany({ model, values: ['a', 'b'], maxRetries: 0 })
    expect(many.embeddings).toEqual(VECTORS)
    expect(asked()).toEqual(['a', 'b'])

    upstream.reply(answer(VECTORS.slice(0, 1)))
    const one = await embed({ model, value: 'a', maxRetries: 0 })
    expect(one.embedding).toEqual(VECTORS[0])
    expect(asked()).toEqual(['a'])
    // Google's provider does not read the counts.
    if (client === 'openai') expect([many.usage.tokens, one.usage.tokens]).toEqual([4, 4])
  })
})

describe('of OpenAI', () => {
  const path = (): string => upstream.requests.at(-1)!.path

  test('images', async () => {
    upstream.reply(json({ created: 1, data: [{ b64_json: 'iVBORw0KGgo=' }] }))
    const model = ai.openai.image('openai/gpt-image-1')
    const { image } = await generateImage({ model, prompt: 'A cat', maxRetries: 0 })
    expect([image.base64, path()]).toEqual(['iVBORw0KGgo=', '/v1/images/generations'])
    expect(upstream.requests.at(-1)!.json()).toMatchObject({ model: 'gpt-image-1', prompt: 'A cat' })
  })

  test('speech', async () => {
    upstream.reply(bytes(Buffer.from([0xff, 0xf3, 0x00]), 'audio/mpeg'))
    const model = ai.openai.speech('openai/gpt-4o-mini-tts')
    const { audio } = await generateSpeech({ model, text: 'Hi', voice: 'alloy', maxRetries: 0 })
    expect([...audio.uint8Array]).toEqual([0xff, 0xf3, 0x00])
    expect([audio.mediaType, path()]).toEqual(['audio/mpeg', '/v1/audio/speech'])
  })

  test('what was spoken', async () => {
    upstream.reply(json({ text: 'Hallo', language: 'german', duration: 1.5 }))
    const model = ai.openai.transcription('openai/whisper-1')
    const { text } = await transcribe({ model, audio: Buffer.from('ID3 sound'), maxRetries: 0 })
    expect([text, path()]).toEqual(['Hallo', '/v1/audio/transcriptions'])
    expect(upstream.requests.at(-1)!.body.toString()).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/)
  })
})
