import { createTestGateway } from '@sluice/core/testing'
import { anthropicDialect } from '@sluice/dialect-anthropic'
import { cohereDialect } from '@sluice/dialect-cohere'
import { geminiDialect } from '@sluice/dialect-gemini'
import { openaiDialect } from '@sluice/dialect-openai'
import { echo } from '@sluice/provider-echo'
import { describe, expect, test } from 'vitest'

const about = {
  contextWindow: 200_000,
  maxOutputTokens: 8192,
  inputPrice: 3,
  outputPrice: 15.5,
  capabilities: ['vision', 'tools'],
}
const plugins = [openaiDialect(), anthropicDialect(), geminiDialect(), cohereDialect(), echo()]

describe('what the config says of a model', () => {
  test.each<[dialect: string, path: string, headers: { [name: string]: string }, fields: object]>([
    [
      'openai',
      '/v1/models/known',
      {},
      {
        context_length: 200_000,
        max_completion_tokens: 8192,
        pricing: { prompt: '0.000003', completion: '0.0000155' },
        capabilities: ['vision', 'tools'],
      },
    ],
    [
      'anthropic',
      '/v1/models/known',
      { 'anthropic-version': '2023-06-01' },
      { max_input_tokens: 200_000, max_tokens: 8192 },
    ],
    ['gemini', '/v1beta/models/known', { 'x-goog-api-key': 'k' }, { inputTokenLimit: 200_000, outputTokenLimit: 8192 }],
    ['cohere', '/v1/models/known', { 'x-fern-sdk-name': 'cohere-ai' }, { context_length: 200_000 }],
  ])('stands in the list of %s', async (_dialect, path, headers, fields) => {
    const models = { known: { targets: ['echo/echo'], about }, unknown: 'echo/echo' }
    await using gateway = await createTestGateway({ models, plugins })
    const known = (await gateway.request(path, { headers })).json() as object
    const unknown = (await gateway.request(path.replace('known', 'unknown'), { headers })).json() as object
    expect(known).toMatchObject(fields)
    for (const field of Object.keys(fields)) expect(unknown).not.toHaveProperty(field)
  })

  test('is checked', async () => {
    const models = { bad: { targets: ['echo/echo'], about: { contextWindow: 0, price: 1 } as never } }
    await expect(createTestGateway({ models, plugins })).rejects.toMatchObject({
      problems: [expect.stringContaining('models[bad].about'), expect.stringContaining('models[bad].about')],
    })
  })
})
