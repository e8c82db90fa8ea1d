/** Every recorded answer, heard by applications of Vercel's AI SDK through each of its official providers. */
import { replayCase } from '@sluice/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AI_CLIENTS, aiModels, AI_NAMES, askAi } from '../support/ai-sdk.ts'
import type { AiClient, AiModels } from '../support/ai-sdk.ts'
import { openArena } from '../support/arena.ts'
import type { Arena } from '../support/arena.ts'
import { heardBy } from '../support/oracle/heard.ts'
import { LimitsMet } from '../support/oracle/limits.ts'
import { describeRecorded } from '../support/recordings.ts'
import { answers, read } from '../support/traffic.ts'
import type { Traffic } from '../support/traffic.ts'

let arena: Arena
let models: AiModels
beforeAll(async () => {
  arena = await openArena()
  models = aiModels(arena.gateway.url)
  globalThis.AI_SDK_LOG_WARNINGS = false
})
afterAll(() => arena[Symbol.asyncDispose]())

/** Answers that reach a client as the vendor wrote them, in words that the SDK does not know from the vendor either. */
const STRAY: { readonly [name: string]: AiClient } = {
  'mistral/stream-reasoning--mistral-small-latest': 'openai.chat',
  'vertex/stream-json-array-text--gemini-2-5-flash': 'google',
}

/** Answers that failed, which the SDK throws, with what it says. */
const FAILED: { readonly [name: string]: { readonly [client in AiClient]?: string } } = {
  'gemini/malformed-function-call--gemini-2-5-flash': { openai: 'The model failed while answering.' },
}

describeRecorded.each(AI_NAMES)('%s hears', (client) => {
  for (const recorded of answers) {
    const isOne = read(recorded).choices.length === 1
    if (!isOne || STRAY[recorded.name] === client) continue
    const failed = FAILED[recorded.name]?.[client]
    test(recorded.name, async () => {
      if (failed === undefined) await hears(client, recorded)
      else await expect(hears(client, recorded)).rejects.toThrow(failed)
    })
  }
})

async function hears(client: AiClient, recorded: Traffic): Promise<void> {
  const { dialect: upstream, stream, target } = recorded
  arena.upstreams[upstream].reply(replayCase(recorded, { chunk: 997 }))
  const heard = await askAi(stream !== undefined, { prompt: 'Hello', model: models[client](target) })
  const dialect = AI_CLIENTS[client]
  const { choices, tokens } = heardBy({ client: dialect, upstream, met: new LimitsMet() }, read(recorded))
  const { text, refusal, spoken, calls, reasoning } = choices[0]!
  expect(heard.text).toBe(text + refusal + spoken)
  expect(heard.calls).toEqual(calls.map((call) => [call.name, call.arguments]))
  if (dialect === upstream) return
  // Its provider for chats knows of none.
  if (client !== 'openai.chat') expect(heard.thoughts ?? '').toBe(reasoning)
  expect(heard.tokens).toEqual([tokens?.input, tokens?.output])
}
