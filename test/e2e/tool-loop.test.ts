/** A conversation with a tool, led as applications do: thoughts and their proofs go back as they came. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../support/api.ts'
import { ask } from '../support/clients.ts'
import type { Heard } from '../support/clients.ts'
import { object, objects, text } from '../support/oracle/json.ts'
import type { Json } from '../support/oracle/json.ts'
import { pairs } from '../support/pairs.ts'
import { say } from '../support/say.ts'
import type { Line } from '../support/say.ts'
import { openStage } from '../support/stage.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** OpenAI itself shows no thoughts; this vendor of its API does, and wants them back. */
const MODELS = { openai: 'openrouter/anthropic/claude-sonnet-4.5', anthropic: 'anthropic/claude-sonnet-4-5' } as const

const CALL = { id: 'toolu_1', name: 'weather', arguments: { city: 'Rome' } }
const QUESTION = { role: 'user', content: 'Weather in Rome?' }
/** What both requests have. */
const SETTINGS: { readonly [api in Api]: object } = {
  openai: {
    reasoning_effort: 'low',
    tools: [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
  },
  anthropic: {
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 1024 },
    tools: [{ name: 'weather', input_schema: { type: 'object' } }],
  },
}
const RESULT: { readonly [api in Api]: object } = {
  openai: { role: 'tool', tool_call_id: 'toolu_1', content: 'sun' },
  anthropic: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'sun' }] },
}

/** The assistant's turn as an application keeps it. */
const echo: { readonly [api in Api]: (heard: Heard, isStream: boolean) => Json } = {
  openai: ({ final, items }, isStream) =>
    isStream ? gather(items) : (object(objects(final.choices)[0]?.message) ?? {}),
  anthropic: ({ final }) => ({ role: 'assistant', content: final.content }),
}

/** A streamed message put together by hand: texts grow, lists get longer. */
function gather(chunks: readonly Json[]): Json {
  const message: { [field: string]: unknown } = {}
  const calls: { id: unknown; type: string; function: { name: unknown; arguments: string } }[] = []
  for (const { choices } of chunks) {
    for (const { role, tool_calls, ...delta } of objects(choices).map((choice) => object(choice.delta) ?? {})) {
      if (role) message.role = role
      for (const [field, value] of Object.entries(delta)) {
        if (typeof value === 'string') message[field] = text(message[field]) + value
        else if (Array.isArray(value)) message[field] = [...objects(message[field]), ...objects(value)]
      }
      for (const { index, id, function: called } of objects(tool_calls)) {
        const { name, arguments: written } = object(called) ?? {}
        const call = (calls[Number(index)] ??= { id, type: 'function', function: { name, arguments: '' } })
        call.function.arguments += text(written)
      }
    }
  }
  return { ...message, tool_calls: calls }
}

/** The thoughts in a request, by API: what the upstream must get back of its own. */
const thoughtsIn: { readonly [api in Api]: (body: Json) => object } = {
  openai(body) {
    const said = objects(body.messages).find(({ role }) => role === 'assistant') ?? {}
    const details = objects(said.reasoning_details)
    return {
      thought: text(said.reasoning_content) || text(said.reasoning) || undefined,
      signature: details.find(({ signature }) => signature)?.signature,
      encrypted: details.find(({ data }) => data)?.data,
    }
  },
  anthropic(body) {
    const said = objects(body.messages).find(({ role }) => role === 'assistant') ?? {}
    const blocks = objects(said.content)
    const types = blocks.map(({ type }) => type)
    // Claude wants its thinking before all else of the turn.
    expect(types.lastIndexOf('tool_use')).toBe(types.length - 1)
    expect(text(types[0])).toMatch(/thinking/)
    const thinking = blocks.find(({ type }) => type === 'thinking')
    return {
      thought: thinking?.thinking,
      signature: thinking?.signature,
      encrypted: blocks.find(({ type }) => type === 'redacted_thinking')?.data,
    }
  },
}

describe.each(pairs)('$name:', ({ client, upstream, isStream }) => {
  test.each<[string, Line]>([
    ['signed', { thought: 'The user wants the weather. 🌤', signature: 'EqRk+/=sig' }],
    ['encrypted', { encrypted: 'ErUB+/=enc' }],
    ['signed and encrypted', { thought: 'Let me look.', signature: 'EqRk+/=sig', encrypted: 'ErUB+/=enc' }],
  ])('a thought that is %s comes back unchanged', async (_, thinking) => {
    const model = MODELS[upstream]
    const provider = stage.upstreams[upstream]
    provider.reply(
      say[upstream]({ ...thinking, text: 'One moment.', calls: [CALL] }, isStream),
      say[upstream]({ text: 'It is sunny.' }, isStream),
    )
    const first = await ask[client](stage.clients, model, isStream, {
      request: { ...SETTINGS[client], messages: [QUESTION] },
    })
    expect(first.answer.choices[0]).toMatchObject({
      reasoning: thinking.thought ?? '',
      text: 'One moment.',
      calls: [CALL],
    })
    const second = await ask[client](stage.clients, model, isStream, {
      request: { ...SETTINGS[client], messages: [QUESTION, echo[client](first, isStream), RESULT[client]] },
    })
    expect(second.answer.choices[0]?.text).toBe('It is sunny.')

    const body = provider.requests.at(-1)!.json()
    const { thought, signature, encrypted } = thinking
    expect(thoughtsIn[upstream](body)).toEqual({ thought, signature, encrypted })
    if (upstream === 'anthropic') expect(body.thinking).toEqual({ type: 'enabled', budget_tokens: 1024 })
  })
})
