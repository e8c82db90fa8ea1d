/** Recorded requests reach an upstream of the other API with nothing lost that it has words for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../support/api.ts'
import type { Json } from '../support/oracle/json.ts'
import { lossesOf } from '../support/oracle/losses.ts'
import { MODELS } from '../support/pairs.ts'
import { readQuestion } from '../support/read-question.ts'
import { describeRecorded, recordings } from '../support/recordings.ts'
import type { Recording } from '../support/recordings.ts'
import { say } from '../support/say.ts'
import { send } from '../support/send.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

const OTHER = { openai: 'anthropic', anthropic: 'openai' } as const

const all = recordings.filter(({ request }) => request !== undefined)
/** What the vendor itself refused as malformed has no meaning to carry over. */
const meaningful = all.filter(({ status }) => status !== 400)
const isForeign = ({ request }: Recording): boolean => JSON.stringify(request).includes('web_search_20250305')

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('what the other API has no words for is reported as dropped', () => {
  const messages = [{ role: 'user', content: 'Hello' }]
  test.each<[Api, Json]>([
    [
      'openai',
      {
        messages,
        seed: 7,
        n: 2,
        logprobs: true,
        top_logprobs: 3,
        frequency_penalty: 0.5,
        presence_penalty: 0.5,
        logit_bias: { 50256: -100 },
        metadata: { team: 'a' },
        store: true,
        prediction: { type: 'content', content: 'x' },
        service_tier: 'flex',
        verbosity: 'low',
      },
    ],
    [
      'anthropic',
      {
        messages,
        max_tokens: 100,
        top_k: 5,
        container: 'container_1',
        context_management: { edits: [] },
        mcp_servers: [{ type: 'url', url: 'https://mcp.example.com', name: 'm' }],
        service_tier: 'standard_only',
      },
    ],
  ])('of an %s client', async (api, request) => {
    const other = OTHER[api]
    stage.upstreams[other].reply(say[other]({ text: 'Yes.' }, false))
    const { status, headers } = await send(stage.gateway.url, api, { ...request, model: MODELS[other] })
    expect(status).toBe(200)
    expect(String(headers['x-sluice-dropped-params']).split(', ').sort()).toEqual(lossesOf(api, request))
    const arrived = stage.upstreams[other].requests.at(-1)!.json()
    for (const field of lossesOf(api, request)) expect(arrived).not.toHaveProperty(field)
  })
})

test('a conversation that the provider holds goes nowhere else', async () => {
  const turn = { max_tokens: 100, messages: [{ role: 'user', content: 'And then?' }] }
  const thread = { type: 'continue', previous_message_id: 'msg_1' }
  stage.upstreams.anthropic.reply(say.anthropic({ text: 'Yes.' }, false))
  const kept = await send(stage.gateway.url, 'anthropic', { ...turn, thread, model: MODELS.anthropic })
  expect(kept.status).toBe(200)
  expect(stage.upstreams.anthropic.requests.at(-1)!.json().thread).toEqual(thread)

  const before = stage.upstreams.openai.requests.length
  const refused = await send(stage.gateway.url, 'anthropic', { ...turn, thread, model: MODELS.openai })
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.body.toString())).toMatchObject({
    error: { type: 'invalid_request_error', details: { error_code: 'thread_unsupported_request' } },
  })
  expect(stage.upstreams.openai.requests).toHaveLength(before)
})

describeRecorded('the other API is asked the same by', () => {
  test.each(meaningful.filter((recording) => !isForeign(recording)))('$name', async ({ api, request = {} }) => {
    const other = OTHER[api]
    stage.upstreams[other].reply(say[other]({ text: 'Yes.' }, request.stream === true))
    const reply = await send(stage.gateway.url, api, { ...request, model: MODELS[other] })
    expect(reply.status).toBe(200)

    const arrived = stage.upstreams[other].requests.at(-1)!.json()
    const expected = readQuestion[api](request)
    const asked = readQuestion[other](arrived)
    // Claude needs a limit, above that of its thinking.
    if (other === 'anthropic') expected.limit ??= Math.max(4096, asked.limit ?? 0)
    expect(asked).toEqual(expected)
    expect(asked.limit ?? Infinity).toBeGreaterThan(Number((arrived.thinking as Json | undefined)?.budget_tokens ?? 0))
    expect(arrived.model).toBe(MODELS[other].split('/')[1])

    const reported = reply.headers['x-sluice-dropped-params'] ?? ''
    expect(String(reported).split(', ').filter(Boolean).sort()).toEqual(lossesOf(api, request))
  })

  test.each(all.filter(isForeign))('no request for what only one vendor runs: $name', async ({ api, request }) => {
    const { requests } = stage.upstreams[OTHER[api]]
    const before = requests.length
    const reply = await send(stage.gateway.url, api, { ...request, model: MODELS[OTHER[api]] })
    expect(reply.status).toBe(400)
    expect(reply.body.toString()).toContain('web_search_20250305')
    expect(requests).toHaveLength(before)
  })
})
