import type { JsonObject } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { stage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

const canary = { name: 'r', model: 'm', candidate: ['new/m'], percent: 100 }
const variant = async (on: Stage, model = 'm'): Promise<unknown> =>
  (await on.ask('ann', { model })).headers['x-sluice-variant']

describe('rollouts are made, changed and removed while the gateway runs', () => {
  test('from the next second on', async () => {
    await using on = await stage()
    expect(await variant(on)).toBeUndefined()
    const made = await on.admin('POST', '', canary)
    expect([made.status, made.json()]).toEqual([201, expect.objectContaining({ ...canary, id: 'r', revision: 1 })])
    await expect.poll(() => variant(on)).toBe('candidate')
    expect((await on.admin('GET', '/r')).json()).toMatchObject({ status: 'running' })

    await on.admin('POST', '/r/rollback')
    expect(await variant(on)).toBe('stable')
    // Limits change, the rollout goes on; another share is another rollout.
    expect((await on.admin('PATCH', '/r', { minSamples: 7, guardrails: {} })).status).toBe(200)
    await expect.poll(async () => (await on.status('r'))['guardrails']).toEqual([])
    expect((await on.status('r')).status).toBe('rolled-back')
    expect((await on.admin('PATCH', '/r', { percent: 99.9 })).status).toBe(200)
    await expect.poll(async () => (await on.status('r')).status).toBe('running')

    expect((await on.admin('DELETE', '/r')).status).toBe(204)
    await expect.poll(() => variant(on)).toBeUndefined()
    expect((await on.admin('GET', '/r/status')).status).toBe(404)
    // One that is made anew begins anew.
    await on.admin('POST', '', canary)
    await expect.poll(() => variant(on)).toBe('candidate')
    expect((await on.status('r')).changes.map(({ action }) => action)).toEqual(['start'])
  })

  test('also of models that the config does not have, for as long as they are there', async () => {
    await using on = await stage()
    expect((await on.ask('ann', { model: 'fresh' })).status).toBe(404)
    await on.admin('POST', '', { ...canary, model: 'fresh', stable: 'old/x', percent: 0 })
    await expect.poll(() => variant(on, 'fresh')).toBe('stable')
    expect(on.old.requests.at(-1)!.json()['model']).toBe('x')
    expect((await on.gateway.request('/v1/models', { headers: { authorization: 'ann' } })).text).toContain('"fresh"')
  })

  test.each<[JsonObject, string]>([
    [{ name: 'a b' }, 'name'],
    [{ name: 'overview' }, 'name'],
    [{ candidate: 'nobody/m' }, 'targets'],
    [{ candidate: 'm' }, 'candidate'],
    [{ candidate: [] }, 'candidate'],
    [{ steps: [{ percent: 5, for: '1m' }] }, 'steps'],
    [{ percent: 101 }, 'percent'],
    [{ percant: 5 }, 'percant'],
    [{ guardrails: { latency: { maxRatio: 0.5 } } }, 'guardrails.latency.maxRatio'],
  ])('with %j is refused', async (more, param) => {
    await using on = await stage()
    const refused = await on.admin('POST', '', { ...canary, ...more })
    expect([refused.status, refused.json()['error']]).toEqual([400, expect.objectContaining({ param })])
  })

  test('one a model, and none that the config has', async () => {
    const rollout = { candidate: 'new/m', percent: 5 }
    await using on = await stage({ models: { m: { targets: ['old/m'], rollout }, n: 'old/n' } })
    expect((await on.admin('POST', '', { ...canary, model: 'n' })).status).toBe(201)
    await expect
      .poll(async () => (await on.admin('GET', '/overview')).json()['data'])
      .toEqual([
        expect.objectContaining({ id: 'm', source: 'config', shares: { stable: 0.95, candidate: 0.05 } }),
        expect.objectContaining({ id: 'r', source: 'store', model: 'n' }),
      ])
    expect((await on.admin('POST', '', { ...canary, name: 'm', model: 'other' })).status).toBe(409)
    expect((await on.admin('POST', '', { ...canary, name: 's' })).status).toBe(409)
    expect((await on.admin('POST', '', { ...canary, name: 's', model: 'n' })).status).toBe(409)
    expect((await on.admin('PATCH', '/r', { name: 's' })).status).toBe(400)
  })
})

describe('the config', () => {
  const rollout = { candidate: 'new/m', percent: 5 }
  test.each<[string, Parameters<typeof stage>[0], string]>([
    [
      'two rollouts of a name',
      {
        models: {
          a: { targets: ['old/m'], rollout: { ...rollout, name: 'x' } },
          b: { targets: ['old/m'], rollout: { ...rollout, name: 'x' } },
        },
      },
      'called "x"',
    ],
    [
      'two rollouts of a model',
      { models: { m: { targets: ['old/m'], rollout } }, options: { rollouts: { other: { model: 'm', ...rollout } } } },
      'two rollouts',
    ],
    [
      'fields that do not go together',
      { models: { m: { targets: ['old/m'], rollout: { ...rollout, kind: 'blue-green' } } } },
      'percent',
    ],
    [
      'a field that there is not',
      { models: { m: { targets: ['old/m'], rollout: { ...rollout, procent: 5 } } } },
      'procent',
    ],
    [
      'a provider that there is not',
      { models: { m: { targets: ['old/m'], rollout: { ...rollout, candidate: 'mew/m' } } } },
      'Did you mean "new"',
    ],
  ])('with %s keeps the gateway from starting', async (_, settings, text) => {
    await expect(stage(settings)).rejects.toMatchObject({ message: expect.stringContaining(text) })
  })
})

test('a candidate whose provider is gone gets no traffic, and nobody gets an error', async () => {
  await using on = await stage()
  await on.admin('POST', '', canary)
  await expect.poll(() => variant(on)).toBe('candidate')
  const { gateway } = on.gateway
  const { openaiDialect } = await import('@sluice/dialect-openai')
  const { openai } = await import('@sluice/provider-openai')
  const { memoryStore } = await import('@sluice/store-memory')
  const { rollouts } = await import('../src/index.ts')
  await gateway.reload({
    models: { m: 'old/m' },
    plugins: [
      openaiDialect(),
      openai({ apiKey: 'k', baseUrl: `${on.old.url}/v1` }, { id: 'old' }),
      memoryStore(),
      rollouts(),
    ],
  })
  const reply = await on.ask()
  expect([reply.status, reply.headers['x-sluice-variant']]).toEqual([200, undefined])
})
