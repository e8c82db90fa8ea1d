import { describe, expect, test } from 'vitest'
import { GatewayError } from '../src/errors.ts'
import type { Exchange } from '../src/exchange.ts'
import { Hook } from '../src/tap.ts'
import type { HookDefinition, HookKind, TapOptions, TapOwner } from '../src/tap.ts'

type AnyHook = Hook<[a: unknown, b?: unknown], unknown, unknown>
type Handler = (a: unknown, b?: unknown) => unknown

/** A hook with taps added in the given order, sealed; and what it reported. */
function hookOf(
  kind: HookKind,
  handlers: Handler[],
  more: Partial<HookDefinition> = {},
): { hook: AnyHook; reported: GatewayError[] } {
  const reported: GatewayError[] = []
  const hook: AnyHook = new Hook('theHook', { kind, ...more }, { timeout: 20, report: (error) => reported.push(error) })
  handlers.forEach((handler, order) => hook.add({ id: `p${order}`, order }, 'tap', handler))
  hook.seal()
  return { hook, reported }
}
const later = async (value: unknown): Promise<unknown> => value
const deciders: HookKind[] = ['series', 'bail', 'waterfall']
const observers: HookKind[] = ['observer', 'parallel']

describe('a hook that nobody tapped', () => {
  test.each([...deciders, ...observers])('answers at once, without a promise: %s', (kind) => {
    const { hook } = hookOf(kind, [])
    expect(hook.used).toBe(false)
    expect(hook.call('first')).toBe(kind === 'waterfall' ? 'first' : undefined)
  })
})

describe('values', () => {
  test('synchronous taps answer without a promise', () => {
    expect(hookOf('bail', [() => undefined, () => 'second', () => 'third']).hook.call(0)).toBe('second')
    expect(hookOf('waterfall', [(a) => `${String(a)}1`, () => undefined, (a) => `${String(a)}2`]).hook.call('0')).toBe(
      '012',
    )
    expect(hookOf('series', [() => 'ignored']).hook.call(0)).toBeUndefined()
  })

  test('an async handler is awaited and its value, not its promise, is the answer', async () => {
    expect(await hookOf('bail', [() => later(undefined), () => later('second'), () => 'third']).hook.call(0)).toBe(
      'second',
    )
    expect(await hookOf('waterfall', [(a) => later(`${String(a)}1`), (a) => `${String(a)}2`]).hook.call('0')).toBe(
      '012',
    )
  })

  test('series taps run one after the other, parallel ones at once', async () => {
    const log: string[] = []
    const slow = async (): Promise<void> => {
      log.push('slow begins')
      await later(0)
      log.push('slow ends')
    }
    const fast = (): void => void log.push('fast')
    await hookOf('series', [slow, fast]).hook.call(0)
    await hookOf('parallel', [slow, fast]).hook.call(0)
    expect(log).toEqual(['slow begins', 'slow ends', 'fast', 'slow begins', 'fast', 'slow ends'])
  })

  test.each([null, 0, 'text', true])('an answer of the wrong type is the plugin’s error: %j', async (wrong) => {
    const { hook } = hookOf('bail', [() => wrong], { accepts: (value) => typeof value === 'object' && value !== null })
    expect(() => hook.call(0)).toThrow(expect.objectContaining({ code: 'plugin_error', plugin: 'p0', hook: 'theHook' }))
  })
})

describe('failures', () => {
  const crash: { [name: string]: Handler } = {
    'throws synchronously': () => {
      throw new Error('boom')
    },
    'throws asynchronously': async () => {
      await later(0)
      throw new Error('boom')
    },
    'rejects with a non-error': () => Promise.reject('boom'),
    'never settles': () => new Promise(() => undefined),
  }
  const cells = Object.entries(crash).flatMap(([name, handler]) => deciders.map((kind) => ({ name, handler, kind })))

  test.each(cells)(
    'a $kind tap that $name after an asynchronous one settles the call, stamped',
    async ({ kind, handler }) => {
      const { hook } = hookOf(kind, [() => later(undefined), handler])
      const error = await Promise.resolve(hook.call(0)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).toMatchObject({ code: 'plugin_error', status: 500, plugin: 'p1', hook: 'theHook' })
      expect((error as GatewayError).message).not.toContain('boom')
    },
  )

  const watched = Object.entries(crash).flatMap(([name, handler]) => observers.map((kind) => ({ name, handler, kind })))
  test.each(watched)('an $kind tap that $name is reported and the others still run', async ({ kind, handler }) => {
    let ran = false
    const { hook, reported } = hookOf(kind, [handler, () => void (ran = true)])
    await hook.call(0)
    expect(ran).toBe(true)
    expect(reported).toMatchObject([{ code: 'plugin_error', plugin: 'p0', hook: 'theHook' }])
  })

  test('a GatewayError is a refusal and keeps its own words', async () => {
    const refusal = new GatewayError('permission_denied', 'Not for you.')
    const { hook } = hookOf('series', [() => Promise.reject(refusal)])
    await expect(hook.call(0)).rejects.toBe(refusal)
    expect(refusal.plugin).toBe('p0')
  })

  test('a tap that settles after its time limit changes nothing any more', async () => {
    let settle: (value: string) => void = () => undefined
    const { hook } = hookOf('bail', [() => new Promise((resolve) => (settle = resolve))])
    await expect(hook.call(0)).rejects.toMatchObject({ code: 'plugin_error' })
    settle('too late')
    await later(0)
  })
})

describe('order and boot', () => {
  test('taps run by stage, then by position in the config, however they were registered', () => {
    const log: string[] = []
    const hook: AnyHook = new Hook('theHook', { kind: 'series' }, { timeout: 20, report: () => undefined })
    const add = (id: string, order: number, options: TapOptions): void =>
      hook.add({ id, order }, options, () => void log.push(id))
    add('late', 0, { name: 't', stage: 'late' })
    add('normal-2', 2, 't')
    add('last', 0, { name: 't', stage: 'last' })
    add('normal-1', 1, 't')
    add('first', 9, { name: 't', stage: 'first' })
    add('early', 9, { name: 't', stage: 'early' })
    hook.seal()
    void hook.call(0)
    expect(log).toEqual(['first', 'early', 'normal-1', 'normal-2', 'late', 'last'])
    expect(hook.taps.map(({ plugin }) => plugin)).toEqual(log)
  })

  test('a stage that does not exist is refused', () => {
    const hook: AnyHook = new Hook('theHook', { kind: 'series' }, { timeout: 20, report: () => undefined })
    const options = { name: 't', stage: 'before-all' } as unknown as TapOptions
    expect(() => hook.add({ id: 'p', order: 0 }, options, () => undefined)).toThrow(/first, early, normal, late, last/)
  })

  test('no tap is taken after boot', () => {
    const { hook } = hookOf('series', [])
    expect(() => hook.add({ id: 'p', order: 0 }, 't', () => undefined)).toThrow(
      expect.objectContaining({ code: 'tap_after_boot' }),
    )
  })

  test('`when` decides by the exchange, whichever argument it is, and a crash in it is the plugin’s', () => {
    const call = (when: TapOwner['when'], at: 0 | 1): unknown => {
      const hook: AnyHook = new Hook(
        'theHook',
        { kind: 'waterfall', exchange: at },
        { timeout: 20, report: () => undefined },
      )
      hook.add({ id: 'p', order: 0, when }, 't', () => 'changed')
      hook.seal()
      const exchange = { model: 'm' } as Exchange
      return at === 0 ? hook.call(exchange) : hook.call('kept', exchange)
    }
    expect(call(({ model }) => model === 'm', 1)).toBe('changed')
    expect(call(({ model }) => model !== 'm', 1)).toBe('kept')
    expect(call(({ model }) => model === 'm', 0)).toBe('changed')
    expect(() =>
      call(() => {
        throw new Error('boom')
      }, 1),
    ).toThrow(expect.objectContaining({ code: 'plugin_error', plugin: 'p' }))
  })

  test('a hook knows which exchanges its taps want, by the instance’s condition and the tap’s own', () => {
    const settings = { timeout: 20, report: () => undefined }
    const hook: AnyHook = new Hook('theHook', { kind: 'waterfall', exchange: 1 }, settings)
    const m: TapOwner = { id: 'p', order: 0, when: ({ model }) => model === 'm' }
    hook.add(m, { name: 't', when: ({ stream }) => stream }, () => 'changed')
    hook.seal()
    const seen = [
      { model: 'm', stream: true },
      { model: 'm', stream: false },
      { model: 'n', stream: true },
    ].map((exchange) => [hook.usedBy(exchange as Exchange), hook.call('kept', exchange)])
    expect(seen).toEqual([
      [true, 'changed'],
      [false, 'kept'],
      [false, 'kept'],
    ])
  })

  test('a condition that crashes spares nothing', () => {
    const hook: AnyHook = new Hook('theHook', { kind: 'series', exchange: 0 }, { timeout: 20, report: () => undefined })
    const when = (): boolean => {
      throw new Error('boom')
    }
    hook.add({ id: 'p', order: 0 }, { name: 't', when }, () => undefined)
    hook.seal()
    expect(hook.usedBy({} as Exchange)).toBe(true)
  })
})
