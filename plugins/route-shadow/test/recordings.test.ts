import type { JsonObject } from '@sluice/core'
import { COST } from '@sluice/usage-kit'
import { describe, expect, test } from 'vitest'
import { claudeSays, FIGURES, plugin, setUp, streams } from './support/setting.ts'

const RECORDING = { record: { percent: 100 } }

test('nothing is recorded unless it is asked for', async () => {
  await using setting = await setUp({ target: 'other/claude', keepTexts: true })
  await setting.ask()
  await setting.rows(1)
  await setting.recordings(0)
})

test('whole requests are kept with their answers, and the list tells neither', async () => {
  await using setting = await setUp(RECORDING)
  await setting.ask({ temperature: 0.5 })
  const [head] = await setting.recordings(1)
  expect(head).toEqual({
    id: expect.any(String),
    time: expect.any(String),
    model: 'm',
    served: 'up/small',
    stream: false,
    durationMs: expect.any(Number),
    costUsd: null,
  })
  const whole = (await setting.admin(`/recordings/${String(head!['id'])}`)).json()
  expect(whole).toMatchObject({
    model: 'm',
    request: {
      operation: 'chat',
      model: 'm',
      temperature: 0.5,
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'What is the capital of France?' }] }],
    },
    response: { operation: 'chat', choices: [{ parts: [{ type: 'text', text: 'The capital of France is Paris.' }] }] },
  })
  expect(setting.other.requests).toEqual([])
})

test('streams are put together', async () => {
  await using setting = await setUp(RECORDING)
  setting.upstream.reply(streams('Par', 'is'))
  await setting.ask({ stream: true })
  const [head] = await setting.recordings(1)
  const whole = (await setting.admin(`/recordings/${String(head!['id'])}`)).json()
  expect(whole).toMatchObject({
    request: { stream: true },
    response: {
      choices: [{ parts: [{ type: 'text', text: 'Paris' }], finish: { unified: 'stop' } }],
      usage: { output: { total: 2 } },
    },
  })
})

test('what is too large is not kept', async () => {
  await using setting = await setUp(RECORDING)
  await setting.ask({ messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] })
  await setting.ask()
  expect((await setting.recordings(1))[0]).toMatchObject({ model: 'm' })
})

test('all of them can be forgotten', async () => {
  await using setting = await setUp(RECORDING)
  await setting.ask()
  await setting.recordings(1)
  expect((await setting.admin('/recordings', undefined, 'reader', 'DELETE')).status).toBe(403)
  expect((await setting.admin('/recordings', undefined, 'operator', 'DELETE')).json()).toEqual({ forgotten: 1 })
  await setting.recordings(0)
})

describe('a recording', () => {
  const price = plugin('price', ({ hooks }) => {
    hooks.onUsage.tap('price', (usage, exchange) => {
      exchange.set(COST, { nanoUsd: usage!.output.total * 1000, source: 'test', rates: {} })
    })
  })

  async function recorded() {
    const setting = await setUp(RECORDING, { plugins: [price] })
    await setting.ask()
    const [head] = await setting.recordings(1)
    const at = `/recordings/${String(head!['id'])}`
    return { setting, id: head!['id'], at, [Symbol.asyncDispose]: () => setting[Symbol.asyncDispose]() }
  }

  test('is asked again of another target, and compared', async () => {
    await using stage = await recorded()
    stage.setting.other.reply(claudeSays('The capital of France is Paris.'))
    const reply = await stage.setting.admin(`${stage.at}/replay`, { target: 'other/claude' })
    expect(reply.json()).toEqual({
      recording: stage.id,
      model: 'm',
      target: 'other/claude',
      ...FIGURES,
      costUsd: 0.000002,
      mirrorCostUsd: 0.000003,
      similarity: 1,
    })
  })

  test('of which nothing comes is a failure, not an error', async () => {
    await using stage = await recorded()
    const reply = await stage.setting.admin(`${stage.at}/replay`, { target: 'nobody/model' })
    expect(reply.json()).toMatchObject({ outcome: 'failed', error: 'model_not_found' })
  })

  test('is compared with an answer that was got elsewhere', async () => {
    await using stage = await recorded()
    const response: JsonObject = {
      operation: 'chat',
      choices: [{ index: 0, parts: [{ type: 'text', text: 'Paris.' }], finish: { unified: 'stop' } }],
      usage: { input: { total: 9, cacheRead: 0, cacheWrite: 0 }, output: { total: 1, reasoning: 0 } },
      extensions: {},
    }
    const body = { target: 'x/y', durationMs: 12.4, response }
    expect((await stage.setting.admin(`${stage.at}/comparison`, body)).json()).toMatchObject({
      outcome: 'ok',
      mirrorServed: 'x/y',
      mirrorDurationMs: 12,
      mirrorOutputTokens: 1,
      similarity: expect.any(Number),
    })
    const failed = { target: 'x/y', durationMs: 3 }
    expect((await stage.setting.admin(`${stage.at}/comparison`, failed)).json()).toMatchObject({ outcome: 'failed' })
  })

  test.each([
    [{ choices: 7 }],
    [{ choices: [7] }],
    [{ choices: [{ parts: [7] }] }],
    [{ choices: [{ parts: [{ type: 'text' }] }] }],
    [{ choices: [], usage: 7 }],
    [{ choices: [], usage: { input: {} } }],
  ])('is not compared with %j, which is no answer', async (response) => {
    await using stage = await recorded()
    const reply = await stage.setting.admin(`${stage.at}/comparison`, { target: 'x/y', durationMs: 3, response })
    expect(reply.status).toBe(400)
  })
})
