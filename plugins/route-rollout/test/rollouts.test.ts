import { testPlugin } from '@sluice/core/testing'
import { memoryStore } from '@sluice/store-memory'
import { describe, expect, test } from 'vitest'
import { rollouts } from '../src/index.ts'
import { answer, failure, stage } from './support/stage.ts'
import type { Stage, StageOptions } from './support/stage.ts'

const plugin = rollouts({ rollouts: { r: { model: 'm', stable: 'x/old', candidate: 'x/new', percent: 0 } } })
// The example names providers that are not there: that is said at boot.
testPlugin({ test, plugin: rollouts(), supporting: [memoryStore()] })

test('a rollout between providers that are not there keeps the gateway from starting', async () => {
  await expect(stage({ plugins: [{ ...plugin, settings: { id: 'wrong' } }] })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('"x/old" names no configured provider'),
  })
})

const canary = (rollout: object): StageOptions => ({
  models: { m: { targets: ['old/m'], rollout: { kind: 'canary', candidate: 'new/m', minSamples: 20, ...rollout } } },
})

/** Asks so many times, a few at once; which arm had each. */
async function ask(on: Stage, count: number, caller: (index: number) => string = () => 'ann'): Promise<string[]> {
  const variants: string[] = []
  for (let from = 0; from < count; from += 10) {
    const batch = Array.from({ length: Math.min(10, count - from) }, (_, index) => on.ask(caller(from + index)))
    for (const { headers } of await Promise.all(batch)) variants.push(String(headers['x-sluice-variant']))
  }
  return variants
}

const share = (variants: readonly string[], arm = 'candidate'): number =>
  variants.filter((variant) => variant === arm).length / variants.length

describe('a canary', () => {
  test('that fails is rolled back by itself: clients notice nothing, operators find the reason', async () => {
    await using on = await stage(canary({ percent: 50 }))
    on.new.reply(failure)
    while ((await on.status()).status === 'running')
      for (const { status } of await Promise.all(Array.from({ length: 10 }, () => on.ask()))) expect(status).toBe(200)

    const reason = /error rate of "candidate" is 1 in \d+ samples, against 0 in \d+.*confidence/
    const { changes, shares } = await on.status()
    expect(shares).toEqual({ stable: 1, candidate: 0 })
    expect(changes.at(-1)).toMatchObject({ action: 'rollback', by: 'gateway', reason: expect.stringMatching(reason) })
    expect(on.audit).toEqual([
      expect.objectContaining({
        action: 'rollouts.rollback',
        actor: 'gateway',
        subject: 'rollout:m',
        details: {
          reason: expect.stringMatching(reason),
          findings: [
            expect.objectContaining({ metric: 'error rate', value: 1, stable: 0, limit: 0.05, verdict: 'breach' }),
          ],
        },
      }),
    ])
    expect(on.gateway.log.find(({ level, msg }) => level === 'warn' && reason.test(msg ?? ''))).toBeDefined()

    const before = on.new.requests.length
    expect(new Set(await ask(on, 20))).toEqual(new Set(['stable']))
    expect(on.new.requests.length).toBe(before)
  })

  test('that is slower is rolled back', async () => {
    await using on = await stage(canary({ percent: 50, guardrails: { latency: { maxRatio: 2, quantile: 0.5 } } }))
    on.new.reply(async (request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 60))
      await answer()(request, response)
    })
    while ((await on.status()).status === 'running') await ask(on, 20)
    expect((await on.status()).changes.at(-1)).toMatchObject({
      reason: expect.stringContaining('p50 of latency of "candidate"'),
    })
    expect(on.audit.at(-1)).toMatchObject({ action: 'rollouts.rollback', actor: 'gateway' })
  })

  test('that is dearer is rolled back', async () => {
    await using on = await stage(
      canary({ percent: 50, candidate: 'new/dear', guardrails: { cost: { maxRatio: 1.5 } } }),
    )
    while ((await on.status()).status === 'running') await ask(on, 20)
    expect((await on.status()).changes.at(-1)).toMatchObject({ reason: expect.stringContaining('cost of "candidate"') })
  })

  test('that does well takes step after step, and is promoted', async () => {
    await using on = await stage(canary({ steps: [10, 50, 90].map((percent) => ({ percent, for: '30ms' })) }))
    while ((await on.status()).status === 'running') await ask(on, 50)
    const { changes, shares } = await on.status()
    expect(changes.map(({ action }) => action)).toEqual(['start', 'step', 'step', 'promote'])
    expect(shares).toEqual({ stable: 0, candidate: 1 })
    expect(on.audit.map(({ action }) => action)).toEqual(['rollouts.step', 'rollouts.step', 'rollouts.promote'])
    expect(await ask(on, 5)).toEqual(Array(5).fill('candidate'))
  })

  test('without traffic stays where it is, unless it may go on without', async () => {
    const steps = [
      { percent: 1, for: '1ms' },
      { percent: 2, for: '1ms' },
    ]
    await using on = await stage({
      models: { m: 'old/m', n: 'old/m' },
      options: {
        rollouts: {
          waits: { model: 'm', candidate: 'new/m', steps },
          goes: { model: 'n', candidate: 'new/m', steps, advanceWithoutTraffic: true },
        },
      },
    })
    await expect.poll(async () => (await on.status('goes')).status).toBe('promoted')
    expect(await on.status('waits')).toMatchObject({ status: 'running', step: 1 })
  })

  test('whose provider does not fail has its share', async () => {
    await using on = await stage(canary({ percent: 30 }))
    const variants = await ask(on, 400)
    expect(share(variants)).toBeGreaterThan(0.2)
    expect(share(variants)).toBeLessThan(0.4)
    expect(on.new.requests.length).toBe(variants.filter((variant) => variant === 'candidate').length)
  })
})

describe('an operator', () => {
  test('rolls back, and from the next request on nobody meets the candidate', async () => {
    await using on = await stage(canary({ percent: 100 }))
    expect(await ask(on, 3)).toEqual(Array(3).fill('candidate'))
    const done = await on.admin('POST', '/m/rollback', { reason: 'It swears.' })
    expect([done.status, done.json()]).toEqual([
      200,
      expect.objectContaining({
        id: 'm',
        status: 'rolled-back',
        shares: { stable: 1, candidate: 0 },
        reason: 'It swears.',
      }),
    ])
    expect(await ask(on, 3)).toEqual(Array(3).fill('stable'))
    expect((await on.status()).changes.at(-1)).toMatchObject({ by: 'root', action: 'rollback', reason: 'It swears.' })
    expect(on.audit).toEqual([
      expect.objectContaining({ action: 'rollouts.rollback', actor: 'root', subject: 'rollout:m' }),
    ])
    expect((await on.admin('POST', '/m/rollback')).status).toBe(409)

    expect((await on.admin('POST', '/m/resume')).json()).toMatchObject({ status: 'running', reason: '' })
    expect(await ask(on, 3)).toEqual(Array(3).fill('candidate'))
  })

  test('pauses a ramp and lets it go on; guardrails roll back even then', async () => {
    await using on = await stage(canary({ steps: [{ percent: 50, for: '1ms' }] }))
    expect((await on.admin('POST', '/m/pause')).json()).toMatchObject({ status: 'paused' })
    await ask(on, 150)
    expect((await on.status()).status).toBe('paused')
    on.new.reply(failure)
    while ((await on.status()).status === 'paused') await ask(on, 20)
    expect((await on.status()).status).toBe('rolled-back')
  })

  test('names the revision that is meant', async () => {
    await using on = await stage(canary({ percent: 10 }))
    const { headers } = await on.admin('GET', '/m/status')
    const promote = (etag: string) =>
      on.gateway.request('/admin/v1/rollouts/m/promote', {
        method: 'POST',
        headers: { authorization: 'root', 'if-match': etag },
      })
    expect((await promote('"77"')).status).toBe(412)
    expect((await promote(String(headers['etag']))).status).toBe(200)
    expect(await ask(on, 3)).toEqual(Array(3).fill('candidate'))
  })

  test('without the permission can do nothing of it', async () => {
    await using on = await stage(canary({ percent: 10 }))
    for (const verb of ['promote', 'rollback', 'pause', 'resume'])
      expect((await on.admin('POST', `/m/${verb}`, undefined, 'ann')).status).toBe(403)
    for (const path of ['', '/overview', '/m/status', '/m/exposures'])
      expect((await on.admin('GET', path, undefined, 'ann')).status).toBe(403)
    expect((await on.admin('POST', '/nothing/promote')).status).toBe(404)
  })
})

describe('a switch', () => {
  const blueGreen: StageOptions = {
    models: { m: 'old/m' },
    options: { rollouts: { m: { model: 'm', kind: 'blue-green', candidate: 'new/m', minSamples: 20 } } },
  }

  test('moves all traffic at once, and back', async () => {
    await using on = await stage(blueGreen)
    expect(await ask(on, 3)).toEqual(Array(3).fill('stable'))
    expect((await on.admin('POST', '/m/promote')).status).toBe(200)
    expect(await ask(on, 3)).toEqual(Array(3).fill('candidate'))
    expect((await on.admin('POST', '/m/rollback')).status).toBe(200)
    expect(await ask(on, 3)).toEqual(Array(3).fill('stable'))
  })

  test('is undone by guardrails, which compare with the time before', async () => {
    await using on = await stage(blueGreen)
    await ask(on, 60)
    on.new.reply(failure)
    await on.admin('POST', '/m/promote')
    while ((await on.status()).status === 'promoted') await ask(on, 10)
    expect(await on.status()).toMatchObject({ status: 'rolled-back' })
    expect(on.audit.at(-1)).toMatchObject({ action: 'rollouts.rollback', actor: 'gateway' })
  })
})

describe('an experiment', () => {
  const arms = {
    plain: { targets: ['old/m'] },
    terse: { targets: 'new/m', weight: 3 },
    off: { targets: 'new/off', weight: 0 },
  }
  const experiment: StageOptions = { options: { rollouts: { words: { model: 'm', kind: 'experiment', arms } } } }

  test('keeps everybody in their arm, by weight, and notes each of them once', async () => {
    await using on = await stage(experiment)
    const caller = (index: number): string => `user-${index % 50}`
    const variants = await ask(on, 150, caller)
    expect(variants.slice(50, 100)).toEqual(variants.slice(0, 50))
    expect(variants.slice(100)).toEqual(variants.slice(0, 50))
    expect(share(variants, 'terse')).toBeGreaterThan(0.55)
    expect(share(variants, 'terse')).toBeLessThan(0.92)
    expect(variants).not.toContain('off')

    const exposures = async () =>
      (await on.admin('GET', '/words/exposures?limit=200')).json()['data'] as { variant: string }[]
    await expect.poll(async () => (await exposures()).length).toBe(50)
    expect(
      share(
        (await exposures()).map(({ variant }) => variant),
        'terse',
      ),
    ).toBe(share(variants.slice(0, 50), 'terse'))
    const cursor = Buffer.from('no row').toString('base64url')
    expect((await on.admin('GET', `/words/exposures?cursor=${cursor}`)).status).toBe(400)
  })

  test('counts requests, tokens, money and latency by arm', async () => {
    await using on = await stage(experiment)
    on.old.reply(answer(100, 20))
    const variants = await ask(on, 60, (index) => `user-${index}`)
    const plain = variants.filter((variant) => variant === 'plain').length
    await expect.poll(async () => (await on.status('words')).arms['plain']!.now.requests).toBe(plain)
    expect((await on.status('words')).arms['plain']!.now).toMatchObject({
      errors: 0,
      inputTokens: 100 * plain,
      outputTokens: 20 * plain,
      costUsd: expect.closeTo(plain * 120e-6, 9),
      latencyP50: expect.any(Number),
    })
  })

  test('ends with the arm that an operator names', async () => {
    await using on = await stage(experiment)
    expect((await on.admin('POST', '/words/promote')).status).toBe(400)
    expect((await on.admin('POST', '/words/promote', { arm: 'terce' })).status).toBe(400)
    expect((await on.admin('POST', '/words/promote', { arm: 'terse' })).status).toBe(200)
    expect(new Set(await ask(on, 10, (index) => `user-${index}`))).toEqual(new Set(['terse']))
  })
})
