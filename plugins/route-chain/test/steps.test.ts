import type { UpstreamReply, UpstreamRequest } from '@sluice/core/testing'
import { describe, expect, test } from 'vitest'
import { CHAT, frames, pieces, said, setUp, textOf, together } from './support/setting.ts'

describe('steps run', () => {
  test('in the order of their references, whatever order they are written in', async () => {
    await using setting = await setUp(
      {
        last: { model: 'openai/c', prompt: '{{steps.second.text}}!' },
        second: { model: 'openai/b', prompt: 'two after {{steps.first.text}}' },
        first: { model: 'openai/a', prompt: '{{input}}' },
      },
      { script: { a: 'one', b: 'two', c: 'three' } },
      { output: 'last' },
    )
    expect(textOf(await setting.ask())).toBe('three')
    expect(setting.asked().map(({ messages }) => messages[0]!.content)).toEqual(['Hello', 'two after one', 'two!'])
  })

  test('at once where they do not wait for each other', async () => {
    const both = together(2)
    await using setting = await setUp(
      {
        a: { model: 'openai/a', prompt: '{{input}}' },
        b: { model: 'openai/b', prompt: '{{input}}' },
        end: { set: '{{steps.a.text}} and {{steps.b.text}}' },
      },
      { script: { a: both(said('this')), b: both(said('that')) } },
    )
    expect(textOf(await setting.ask())).toBe('this and that')
  })

  test('after those that they name, even if they say nothing of them', async () => {
    await using setting = await setUp(
      {
        a: { model: 'openai/a', prompt: 'x' },
        b: { model: 'openai/b', prompt: 'y', after: ['a'] },
      },
      { script: { a: 'one', b: 'two' } },
    )
    await setting.ask()
    expect(setting.asked().map(({ model }) => model)).toEqual(['a', 'b'])
  })

  test('once, however many refer to them', async () => {
    await using setting = await setUp(
      {
        a: { model: 'openai/a', prompt: 'x' },
        b: { set: '{{steps.a.text}}' },
        c: { set: '{{steps.a.text}}{{steps.b.text}}' },
      },
      { script: { a: 'one' } },
    )
    expect(textOf(await setting.ask())).toBe('oneone')
    expect(setting.asked()).toHaveLength(1)
  })

  test('with parameters of their own, and an output that is asked what the client asks', async () => {
    await using setting = await setUp(
      {
        a: { model: 'openai/a', system: 'Be brief.', prompt: 'x', temperature: 0, maxTokens: 5, stop: ['.'] },
        b: { model: 'openai/b', prompt: '{{steps.a.text}}', temperature: 0.5 },
      },
      { script: { a: 'one', b: 'two' } },
    )
    await setting.ask({ temperature: 1, max_tokens: 99, seed: 7, user: 'ann' })
    expect(setting.asked('a')[0]).toMatchObject({ temperature: 0, stop: ['.'], user: 'ann' })
    expect(setting.asked('a')[0]).not.toHaveProperty('seed')
    expect(setting.asked('a')[0]!.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'x' },
    ])
    expect(setting.asked('b')[0]).toMatchObject({ temperature: 0.5, seed: 7, user: 'ann' })
  })
})

describe('a step for each item of a list', () => {
  const schema = {
    type: 'object',
    properties: { items: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } } },
    required: ['items'],
  }
  const list = (...ids: string[]): string => JSON.stringify({ items: ids.map((id) => ({ id })) })
  const steps: Parameters<typeof setUp>[0] = {
    topics: { model: 'openai/a', prompt: '{{input}}', schema },
    every: { model: 'openai/b', prompt: '{{index}}:{{item.id}}', each: 'steps.topics.json.items', maxItems: 5 },
    end: { set: '{{#steps.every.items}}[{{text}}]{{/steps.every.items}}' },
  }
  const promptOf = (request: UpstreamRequest): string =>
    (request.json() as { messages: { content: string }[] }).messages[0]!.content
  const back: UpstreamReply = (request, response) => said(promptOf(request))(request, response)

  test('is collected in order, and runs no more at once than it may', async () => {
    const both = together(2)
    let now = 0
    let most = 0
    const slow = both(async (request, response) => {
      // Time enough for a third to arrive, and for later items to overtake the first.
      const turns = promptOf(request) === '0:a' ? 30 : 10
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      now--
      await back(request, response)
    })
    const counted: UpstreamReply = (request, response) => {
      most = Math.max(most, ++now)
      return slow(request, response)
    }
    const script = { a: list('a', 'b', 'c', 'd', 'e'), b: counted }
    await using setting = await setUp(steps, { script }, { concurrency: 2 })
    expect(textOf(await setting.ask())).toBe('[0:a][1:b][2:c][3:d][4:e]')
    expect(most).toBe(2)
  })

  test('does nothing for an empty one, or for one of a step that was skipped', async () => {
    await using setting = await setUp(
      { ...steps, end: { set: '<{{steps.every.text}}>{{^steps.every.items}}none{{/steps.every.items}}' } },
      { script: { a: list() } },
    )
    expect(textOf(await setting.ask())).toBe('<>none')
  })

  test('leaves items out that may fail', async () => {
    const some: UpstreamReply = (request, response) =>
      (promptOf(request) === '1:b' ? said('') : back)(request, response)
    const script = { a: list('a', 'b', 'c'), b: some }
    await using setting = await setUp({ ...steps, every: { ...steps['every']!, onError: 'skip' } }, { script })
    expect(textOf(await setting.ask())).toBe('[0:a][2:c]')
  })

  test('gives a list of what fits the schema', async () => {
    const json: UpstreamReply = (request, response) => said(`{"id":"${promptOf(request)}"}`)(request, response)
    await using setting = await setUp(
      {
        topics: steps['topics']!,
        every: { ...steps['every']!, schema: { type: 'object', properties: { id: { type: 'string' } } } },
        end: { set: '{{steps.every.json.1.id}} {{steps.every.json.length}}' },
      },
      { script: { a: list('a', 'b'), b: json } },
    )
    expect(textOf(await setting.ask())).toBe('1:b 2')
  })

  test('fails with more items than it may have', async () => {
    await using setting = await setUp(steps, { script: { a: list('a', 'b', 'c', 'd', 'e', 'f'), b: back } })
    const reply = await setting.ask()
    expect(reply.status).toBe(502)
    expect(reply.text).toContain('has 6 items, more than 5')
    expect(setting.asked('b')).toEqual([])
  })

  test('fails by the fault of the client whose conversation has more', async () => {
    const every = { model: 'openai/b', prompt: '{{item.text}}', each: 'conversation', maxItems: 1 }
    await using setting = await setUp({ every, end: { set: '{{steps.every.text}}' } }, { script: { b: back } })
    expect(textOf(await setting.ask())).toBe('Hello')
    const reply = await setting.ask({ messages: ['Hello', 'again'].map((content) => ({ role: 'user', content })) })
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('has 2 items, more than 1')])
  })
})

describe('a condition', () => {
  const steps = (condition: Condition, of: 'if' | 'unless' = 'if'): Parameters<typeof setUp>[0] => ({
    mood: { model: 'openai/a', prompt: '{{input}}', schema: { type: 'object' } },
    branch: { set: 'then', [of]: { step: 'mood', ...condition } },
    end: { set: '{{#steps.branch}}yes{{/steps.branch}}{{^steps.branch}}no{{/steps.branch}}' },
  })
  type Condition = Omit<NonNullable<Parameters<typeof setUp>[0][string]['if']>, 'step'>

  test.each<[answer: unknown, condition: Condition, result: string]>([
    [{ label: 'angry' }, { path: 'json.label', equals: 'angry' }, 'yes'],
    [{ label: ' angry\n' }, { path: 'json.label', equals: 'angry' }, 'yes'],
    [{ label: 'Angry' }, { path: 'json.label', equals: 'angry' }, 'no'],
    [{ n: 3 }, { path: 'json.n', equals: 3 }, 'yes'],
    [{ n: '3' }, { path: 'json.n', equals: 3 }, 'no'],
    [{ n: null }, { path: 'json.n', equals: null }, 'yes'],
    [{ ok: true }, { path: 'json.ok', equals: true }, 'yes'],
    [{ n: 2 }, { path: 'json.n', in: [1, 2] }, 'yes'],
    [{ n: 3 }, { path: 'json.n', in: [1, 2] }, 'no'],
    [{ text: 'refund please' }, { path: 'json.text', matches: 'refund*' }, 'yes'],
    [{ text: 'a refund' }, { path: 'json.text', matches: 'refund*' }, 'no'],
    [{ text: 4 }, { path: 'json.text', matches: '*' }, 'no'],
    [{}, { path: 'json.x', exists: true }, 'no'],
    [{}, { path: 'json.x', exists: false }, 'yes'],
    [{ x: null }, { path: 'json.x', exists: true }, 'no'],
    [{ n: 3 }, { path: 'json.n', gt: 3 }, 'no'],
    [{ n: 3 }, { path: 'json.n', gte: 3, lt: 4 }, 'yes'],
    [{ n: '3.5' }, { path: 'json.n', gt: 3, lte: 3.5 }, 'yes'],
    [{ n: 'x' }, { path: 'json.n', lt: 1 }, 'no'],
    [{}, { path: 'json.n', lt: 1 }, 'no'],
    [{ list: [1, 2] }, { path: 'json.list.length', gt: 1 }, 'yes'],
    [{ a: 1, b: 2 }, { path: 'json.a', equals: 1, and: [{ step: 'mood', path: 'json.b', equals: 2 }] }, 'yes'],
    [{ a: 1, b: 3 }, { path: 'json.a', equals: 1, and: [{ step: 'mood', path: 'json.b', equals: 2 }] }, 'no'],
    [{ a: 1 }, { matches: '*"a":1*' }, 'yes'],
  ])('of %j is %j: %s', async (answer, condition, result) => {
    await using setting = await setUp(steps(condition), { script: { a: JSON.stringify(answer) } })
    expect(textOf(await setting.ask())).toBe(result)
  })

  test('may forbid', async () => {
    await using setting = await setUp(steps({ path: 'json.a', equals: 1 }, 'unless'), { script: { a: '{"a":1}' } })
    expect(textOf(await setting.ask())).toBe('no')
  })

  test.each([
    ['angry', 'escalated'],
    ['happy', 'answered'],
  ])('decides which output the answer is: %s', async (mood, text) => {
    await using setting = await setUp(
      {
        mood: { model: 'openai/a', prompt: '{{input}}' },
        escalate: { model: 'openai/b', prompt: 'x', if: { step: 'mood', equals: 'angry' } },
        answer: { model: 'openai/c', prompt: 'y', after: ['mood'] },
      },
      { script: { a: mood, b: 'escalated', c: 'answered' } },
      { output: ['escalate', 'answer'] },
    )
    expect(textOf(await setting.ask())).toBe(text)
    expect(pieces(await setting.ask({ stream: true }))).toEqual([text])
    expect(setting.asked(text === 'escalated' ? 'c' : 'b')).toEqual([])
  })

  test('that leaves no output is told', async () => {
    await using setting = await setUp(
      {
        mood: { model: 'openai/a', prompt: '{{input}}' },
        end: { model: 'openai/b', prompt: 'x', if: { step: 'mood', equals: 'angry' } },
      },
      { script: { a: 'happy' } },
    )
    const reply = await setting.ask()
    expect([reply.status, reply.text]).toEqual([502, expect.stringContaining('was skipped')])
  })
})

describe('an output', () => {
  test.each<[name: string, steps: Parameters<typeof setUp>[0], text: string]>([
    ['a text', { end: { set: 'You: {{input}}' } }, 'You: Hello'],
    ['JSON', { end: { model: 'openai/a', prompt: 'x', schema: { type: 'object' } } }, '{"a":1}'],
    [
      'of a step that others refer to',
      { end: { model: 'openai/b', prompt: 'x' }, more: { set: '{{steps.end.text}}' } },
      'two words',
    ],
  ])('may be %s', async (_, steps, text) => {
    const script = { a: '```json\n{ "a": 1 }\n```', b: 'two words' }
    await using setting = await setUp(steps, { script }, { output: 'more' in steps ? ['end', 'more'] : 'end' })
    const whole = await setting.ask()
    expect([textOf(whole), whole.json()]).toMatchObject([text, { model: 'c', choices: [{ finish_reason: 'stop' }] }])
    const streamed = await setting.ask({ stream: true })
    expect(JSON.parse(`"${pieces({ ...streamed, text: streamed.text.replaceAll('\\"', "'") }).join('')}"`)).toBe(
      text.replaceAll('"', "'"),
    )
    expect(streamed.text).toContain('data: [DONE]')
  })

  test('comes as the model says it, before the model has ended', async () => {
    const rest = Promise.withResolvers<void>()
    const slow: UpstreamReply = async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const [first, ...others] = frames('one two').split(/(?<=\n\n)/)
      response.write(first)
      await rest.promise
      response.end(others.join(''))
    }
    await using setting = await setUp({ end: { model: 'openai/a', prompt: 'x' } }, { script: { a: slow } })
    const body = JSON.stringify({ model: 'c', messages: [{ role: 'user', content: 'Hello' }], stream: true })
    const headers = { 'content-type': 'application/json' }
    const { body: stream } = await fetch(setting.gateway.url + CHAT, { method: 'POST', body, headers })
    let text = ''
    for await (const piece of stream!.pipeThrough(new TextDecoderStream())) {
      text += piece
      if (text.includes('one')) rest.resolve()
    }
    expect(text).toContain(' two')
    expect(text).toContain('"model":"c"')
  })
})
