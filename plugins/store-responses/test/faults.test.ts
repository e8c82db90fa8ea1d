import { describe, expect, test } from 'vitest'
import { textOf } from './support/events.ts'
import { native } from './support/says.ts'
import { setUp } from './support/setting.ts'
import { faultyStore, hangs, rejects } from './support/stores.ts'

const FAULTS = [
  ['rejects', rejects],
  ['hangs', hangs],
] as const
const options = { storeTimeout: 20 }

describe.each(FAULTS)('when the store %s', (_, fault) => {
  test.each([false, true])('no answer is lost, and it says that it was not kept (stream: %s)', async (stream) => {
    const store = faultyStore()
    await using setting = await setUp(options, { store: store.plugin })
    store.fault = fault
    const response = await setting.create({ model: 'echo/echo', input: 'Hi', stream })
    expect(textOf(response)).toBe('You said: Hi')
    expect(response).toMatchObject({ status: 'completed', store: false })
    expect(setting.gateway.log.find(({ msg }) => msg === 'a response could not be kept')).toMatchObject({
      level: 'error',
    })
  })

  test.each([false, true])('a provider that keeps responses itself is served (stream: %s)', async (stream) => {
    const store = faultyStore()
    await using setting = await setUp(options, { store: store.plugin })
    store.fault = fault
    setting.upstreams.native.reply(native('resp_1', 'Hi'))
    expect(textOf(await setting.create({ model: 'native/x', input: 'Hi', stream }))).toBe('Hi')
  })

  test('what needs it is refused in clear words, and can be sent again', async () => {
    const store = faultyStore()
    await using setting = await setUp(options, { store: store.plugin })
    const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
    const [item] = (await setting.get(id)).output as { id: string }[]
    const post = (body: object) => setting.send('POST', '/v1/responses', { body: { model: 'echo/echo', ...body } })
    const calls = [
      () => post({ input: 'Go on', previous_response_id: id }),
      () => post({ input: [{ type: 'item_reference', id: item!.id }] }),
      () => post({ input: 'Later', background: true }),
      () => setting.send('GET', `/v1/responses/${id}`),
      () => setting.send('GET', `/v1/responses/${id}/input_items`),
      () => setting.send('POST', `/v1/responses/resp_other/cancel`),
    ]
    store.fault = fault
    for (const [index, call] of calls.entries()) {
      const reply = await call()
      expect([index, reply.status, reply.headers['retry-after']]).toEqual([index, 503, '1'])
      expect(reply.json().error).toMatchObject({ type: 'server_error', code: 'overloaded' })
      expect(reply.text).not.toContain('10.0.0.7')
    }
    store.fault = undefined
    expect((await calls[0]!()).status).toBe(200)
    expect((await calls[3]!()).json().id).toBe(id)
  })

  test('a response that cannot be deleted is still there', async () => {
    const store = faultyStore()
    await using setting = await setUp(options, { store: store.plugin })
    const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
    store.fault = (method) => (method === 'delete' ? fault() : undefined)
    expect((await setting.send('DELETE', `/v1/responses/${id}`)).status).toBe(503)
    store.fault = undefined
    expect((await setting.get(id)).id).toBe(id)
  })

  test('requests of other APIs never notice', async () => {
    const store = faultyStore()
    await using setting = await setUp(options, { store: store.plugin })
    store.fault = fault
    const body = { model: 'echo/echo', messages: [{ role: 'user', content: 'Hi' }] }
    expect((await setting.send('POST', '/v1/chat/completions', { body })).status).toBe(200)
  })
})

test('a record of nonsense is none', async () => {
  const store = faultyStore()
  await using setting = await setUp(options, { store: store.plugin })
  const { id } = await setting.create({ model: 'echo/echo', input: 'Hi' })
  for (const value of [{}, { owner: 'id:anonymous' }, { owner: 'id:anonymous', response: 7 }]) {
    store.records.set(`responses/${id}`, value)
    expect((await setting.send('GET', `/v1/responses/${id}`)).status).toBe(404)
  }
})

describe('a response larger than the limit', () => {
  test.each([false, true])('is given and not kept (stream: %s)', async (stream) => {
    await using setting = await setUp({ size: 3000 })
    const response = await setting.create({ model: 'echo/echo', input: 'x'.repeat(4000), stream })
    expect(textOf(response)).toHaveLength('You said: '.length + 4000)
    expect(response.store).toBe(false)
    expect((await setting.send('GET', `/v1/responses/${response.id}`)).status).toBe(404)
  })

  test('counts the conversation before it', async () => {
    await using setting = await setUp({ size: 3300 })
    const first = await setting.create({ model: 'echo/echo', input: 'x'.repeat(500) })
    expect(first.store).toBe(true)
    const body = { model: 'echo/echo', input: 'x'.repeat(500), previous_response_id: first.id }
    expect(await setting.create(body)).toMatchObject({ store: false, previous_response_id: first.id })
  })
})
