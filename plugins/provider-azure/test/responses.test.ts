/** Clients of the Responses API get Azure's. */
import { createTestGateway, json, mockUpstream } from '@sluice/core/testing'
import { openaiDialect } from '@sluice/dialect-openai'
import { describe, expect, test } from 'vitest'
import { azure } from '../src/index.ts'

const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }
const answer = { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt', output: [message] }
const completion = { id: 'c1', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] }

async function asked(apiVersion: string, reply: object, input: unknown) {
  await using upstream = await mockUpstream()
  upstream.reply(json({ ...reply }))
  const plugin = azure({ apiKey: 'azure-key-0123456789', baseUrl: upstream.url, apiVersion })
  await using gateway = await createTestGateway({ plugins: [openaiDialect(), plugin] })
  const { headers, ...answered } = await gateway.request('/v1/responses', { body: { model: 'azure/gpt', input } })
  const { path, body } = await upstream.request()
  return { path, body: JSON.parse(body.toString()) as unknown, reply: answered.json(), headers }
}

test.each<[string, string]>([
  ['v1', '/openai/v1/responses'],
  ['2025-04-01-preview', '/openai/responses?api-version=2025-04-01-preview'],
])('bytes pass in both directions, with %s', async (apiVersion, expected) => {
  const { path, body, reply } = await asked(apiVersion, answer, 'Hello')
  expect([path, body, reply]).toEqual([expected, { model: 'gpt', input: 'Hello' }, answer])
})

test('versions before it are asked in chats', async () => {
  const { path, body, reply } = await asked('2024-10-21', completion, 'Hello')
  expect(path).toBe('/openai/deployments/gpt/chat/completions?api-version=2024-10-21')
  expect(body).toMatchObject({ messages: [{ role: 'user', content: 'Hello' }] })
  expect(reply).toMatchObject({ object: 'response', output: [{ type: 'message' }] })
})

describe('thoughts in the conversation', () => {
  const hello = { role: 'user', content: 'Hello' }
  const thought = (encrypted: string) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encrypted })

  test('of Azure’s models go back, of others not', async () => {
    const others = thought(Buffer.from('sluice:{"origin":"anthropic","signature":"s"}').toString('base64'))
    const { body, headers } = await asked('v1', answer, [hello, thought('gAAA'), others])
    expect(body).toEqual({ model: 'gpt', input: [hello, thought('gAAA')] })
    expect(headers['x-sluice-dropped-params']).toBe('messages.reasoning')
  })
})
