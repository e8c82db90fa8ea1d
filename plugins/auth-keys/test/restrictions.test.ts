import { definePlugin } from '@sluice/core'
import { echo } from '@sluice/provider-echo'
import { describe, expect, test } from 'vitest'
import { addresses } from '../src/addresses.ts'
import { stage } from './support/stage.ts'

describe('models', () => {
  test('only those that one of the patterns fits may be used', async () => {
    await using on = await stage()
    const { key } = await on.make({ models: ['sm*', 'other'] })
    expect((await on.ask(key, 'small')).status).toBe(200)
    const reply = await on.ask(key, 'large')
    expect([reply.status, reply.json()]).toMatchObject([403, { error: { code: 'permission_denied', param: 'model' } }])
    expect(reply.text).toContain('large')
    expect(reply.text).not.toContain('sm*')
  })

  test('what stands behind a model is another name', async () => {
    await using on = await stage()
    const { key } = await on.make({ models: ['small'] })
    expect((await on.ask(key, 'echo/echo')).status).toBe(403)
  })

  test('only those are seen in model lists', async () => {
    await using on = await stage()
    const [narrow, wide] = [await on.make({ models: ['sm*'] }), await on.make()]
    const seen = async (key: string): Promise<string[]> => {
      const { data } = (await on.gateway.request('/v1/models', { headers: { 'x-api-key': key } })).json()
      return (data as { id: string }[]).map(({ id }) => id)
    }
    expect([await seen(narrow.key), await seen(wide.key)]).toEqual([['small'], ['small', 'large', 'echo/echo']])
  })

  test('an empty list permits none, no list all', async () => {
    await using on = await stage()
    const [none, all] = [await on.make({ models: [] }), await on.make()]
    expect([(await on.ask(none.key)).status, (await on.ask(all.key)).status]).toEqual([403, 200])
  })

  test('hold also for what the gateway asks on behalf of a key', async () => {
    const agent = definePlugin({
      name: 'test-agent',
      version: '1.0.0',
      api: 1,
      setup({ hooks, gateway }) {
        hooks.transformRequest.tap('ask', async (request, exchange) => {
          if (exchange.start.parent || request.operation !== 'chat') return undefined
          await gateway.dispatch({ ...request, model: 'large', stream: false }, { parent: exchange })
          return undefined
        })
      },
    })
    await using on = await stage({ plugins: [agent()] })
    const [narrow, wide] = [await on.make({ models: ['small'] }), await on.make()]
    expect([(await on.ask(narrow.key)).status, (await on.ask(wide.key)).status]).toEqual([403, 200])
  })
})

describe('operations', () => {
  test('only those listed may be asked for; model lists may always be read', async () => {
    await using on = await stage()
    const { key } = await on.make({ operations: ['embeddings'], roles: ['admin'] })
    expect((await on.ask(key)).status).toBe(403)
    expect((await on.admin('GET', '/keys', undefined, key)).status).toBe(403)
    const list = await on.gateway.request('/v1/models', { headers: { 'x-api-key': key } })
    expect(list.status).toBe(200)
  })

  test('a name that no operation has is refused when it is written', async () => {
    await using on = await stage()
    const reply = await on.admin('POST', '/keys', { name: 'x', operations: ['chats'] })
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('Did you mean')])
  })
})

describe('providers', () => {
  const models = { mixed: { targets: ['echo/echo', 'second/echo'] }, small: 'echo/echo' }

  test('only targets at those listed are left', async () => {
    await using on = await stage({ plugins: [echo({}, { id: 'second' })], config: { models } })
    const { key } = await on.make({ providers: ['second'] })
    const reply = await on.ask(key, 'mixed')
    expect([reply.status, reply.headers['x-sluice-model']]).toEqual([200, 'second/echo'])
    expect((await on.ask(key, 'small')).status).toBe(403)
    expect((await on.ask((await on.make()).key, 'mixed')).headers['x-sluice-model']).toBe('echo/echo')
  })

  test('also those that another plugin brings in', async () => {
    const detour = definePlugin({
      name: 'test-detour',
      version: '1.0.0',
      api: 1,
      setup: ({ hooks }) => hooks.beforeRoute.tap('detour', () => [{ provider: 'second', model: 'echo' }]),
    })
    await using on = await stage({ plugins: [echo({}, { id: 'second' }), detour()], config: { models } })
    const { key } = await on.make({ providers: ['echo'] })
    expect((await on.ask(key, 'small')).status).toBe(403)
  })
})

describe('addresses', () => {
  test('a key is refused from elsewhere, with 403', async () => {
    await using on = await stage()
    const here = await on.make({ ips: ['10.0.0.0/8', '127.0.0.0/8'] })
    const elsewhere = await on.make({ ips: ['10.0.0.0/8'] })
    expect((await on.ask(here.key)).status).toBe(200)
    const reply = await on.ask(elsewhere.key)
    expect([reply.status, reply.text]).toEqual([403, expect.stringContaining('permission_denied')])
  })

  test('a wrong key learns nothing of them', async () => {
    await using on = await stage()
    const { key } = await on.make({ ips: ['10.0.0.0/8'] })
    expect((await on.ask(`${key.slice(0, 22)}${'0'.repeat(36)}`)).status).toBe(401)
  })

  test.each([
    ['10.1.2.3', true],
    ['11.1.2.3', false],
    ['::ffff:10.1.2.3', true],
    ['::ffff:11.1.2.3', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['::1', true],
    ['', false],
    ['nonsense', false],
  ])('%s is among them: %s', (ip, expected) => {
    expect(addresses(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1'])(ip)).toBe(expected)
  })

  test.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '',
    'fe80::1%eth0',
  ])('%j is refused when it is written', (range) => {
    expect(() => addresses(['10.0.0.1', range])).toThrow(expect.objectContaining({ param: 'ips[1]' }))
  })
})
