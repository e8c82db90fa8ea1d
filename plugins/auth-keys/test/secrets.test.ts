import { definePlugin, env } from '@sluice/core'
import { json, mockUpstream } from '@sluice/core/testing'
import { accessLog } from '@sluice/log-access'
import { compatible } from '@sluice/provider-compatible'
import { passthrough } from '@sluice/route-passthrough'
import { expect, test } from 'vitest'
import { CHAT, stage } from './support/stage.ts'
import { TestStore } from './support/test-store.ts'

const body = { model: 'vllm/any', messages: [{ role: 'user', content: 'Hi' }] }

test('no secret is in the log, an error, an inspection, a reply, the store or what goes up', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(
    json({ id: 'x', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] }),
  )
  const store = new TestStore()
  const crash = definePlugin({
    name: 'test-crash',
    version: '1.0.0',
    api: 1,
    setup: ({ hooks }) =>
      hooks.authorize.tap('crash', ({ start }) => {
        if (start.headers['x-crash']) throw new Error('a crash')
      }),
  })
  const adminKey = 'planted-admin-key-0123456789'
  const pepper = 'planted-pepper-0123456789'
  const environment = { ADMIN: adminKey, PEPPER: pepper }
  Object.assign(process.env, environment)
  const on = await stage({
    store: store.plugin(),
    options: { adminKey: env('ADMIN'), pepper: env('PEPPER') },
    plugins: [accessLog(), passthrough(), compatible({ vendor: 'vllm', baseUrl: upstream.url }), crash()],
    config: { server: { logLevel: 'trace' } },
  })
  const replies: string[] = []
  const take = ({ headers, text }: { headers: object; text: string }): void => {
    replies.push(JSON.stringify(headers), text)
  }
  try {
    const made = (await on.admin('POST', '/keys', { name: 'x' }, adminKey)).json() as { id: string; key: string }
    const rotated = (await on.admin('POST', `/keys/${made.id}/rotate`, {}, adminKey)).json() as { key: string }
    const wrong = `${made.key.slice(0, 22)}${'w'.repeat(36)}`
    const secrets = [adminKey, pepper, made.key.slice(22), rotated.key.slice(22), wrong.slice(22)]

    for (const key of [made.key, rotated.key, adminKey, wrong]) {
      for (const headers of [
        { authorization: `Bearer ${key}` },
        { 'x-api-key': key },
        { 'api-key': key },
        { 'x-goog-api-key': key },
      ]) {
        take(await on.gateway.request(CHAT, { headers, body }))
        take(await on.gateway.request('/passthrough/vllm/models?a=1', { headers }))
        take(await on.gateway.request('/passthrough/vllm/chat/completions', { headers, body }))
        take(await on.gateway.request(CHAT, { headers: { ...headers, 'x-crash': 'yes' }, body }))
        take(await on.gateway.request('/admin/v1/keys?limit=x', { headers }))
      }
      take(await on.gateway.request(`${CHAT}?key=${key}`, { body }))
      for (const query of [`key=${key}`, `a=1&key=${key}&b=2`, `%6bey=${key}`, `key=${key}&key=${key}`]) {
        take(await on.gateway.request(`/passthrough/vllm/models?${query}`))
        take(await on.gateway.request(`/nowhere?${query}`))
      }
      take(await on.gateway.request(`/admin/v1/keys?key=${key}`))
    }
    take(await on.admin('GET', `/keys/${made.id}`, undefined, adminKey))
    take(await on.admin('PATCH', `/keys/${made.id}`, { name: 'y' }, adminKey))
    take(await on.admin('POST', '/keys', { name: 'x', hash: 'y' }, adminKey))
    await on.gateway.close()

    const places = {
      log: on.gateway.log.text(),
      replies: replies.join('\n'),
      inspection: JSON.stringify(on.gateway.gateway.inspect()),
      store: store.text(),
      upstream: upstream.requests
        .map(({ path, headers, body }) => path + JSON.stringify(headers) + body.toString())
        .join('\n'),
      principals: JSON.stringify(on.principals),
    }
    expect(upstream.requests.length).toBeGreaterThan(30)
    for (const [place, text] of Object.entries(places)) {
      expect([place, secrets.filter((secret) => text.includes(secret))]).toEqual([place, []])
    }
  } finally {
    await on.gateway.close()
    for (const name of Object.keys(environment)) delete process.env[name]
  }
})
