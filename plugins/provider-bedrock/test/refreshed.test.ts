import { describe, expect, test } from 'vitest'
import { refreshed } from '../src/credentials/index.ts'
import type { Credentials } from '../src/credentials/index.ts'

const MINUTE = 60_000

/** A source whose fetches the test answers one by one, at a time that the test sets. */
function bench() {
  const asked: PromiseWithResolvers<Credentials>[] = []
  const clock = { now: 0 }
  const source = refreshed(
    () => {
      const next = Promise.withResolvers<Credentials>()
      asked.push(next)
      return next.promise
    },
    () => clock.now,
  )
  return { asked, clock, source }
}

const expiring = (minutes: number, accessKeyId: string): Credentials => ({
  accessKeyId,
  secretAccessKey: 's',
  expiresAt: minutes * MINUTE,
})
const idOf = async (credentials: Promise<Credentials>) => (await credentials).accessKeyId
const settled = () => new Promise(setImmediate)

describe('credentials that expire', () => {
  test('are fetched once for all who wait', async () => {
    const { asked, source } = bench()
    const waiting = [source(), source(), source()]
    asked[0]!.resolve(expiring(60, 'a'))
    expect(await Promise.all(waiting.map(idOf))).toEqual(['a', 'a', 'a'])
    expect(await idOf(source())).toBe('a')
    expect(asked).toHaveLength(1)
  })

  test('are fetched anew before they expire, once, and nobody waits for it', async () => {
    const { asked, clock, source } = bench()
    void source()
    asked[0]!.resolve(expiring(60, 'a'))
    await settled()
    clock.now = 54 * MINUTE
    expect([await idOf(source()), asked.length]).toEqual(['a', 1])
    clock.now = 56 * MINUTE
    expect([await idOf(source()), await idOf(source()), asked.length]).toEqual(['a', 'a', 2])
    asked[1]!.resolve(expiring(120, 'b'))
    await settled()
    expect([await idOf(source()), asked.length]).toEqual(['b', 2])
  })

  test('are used to their end if a refresh fails, which is tried again after a while', async () => {
    const { asked, clock, source } = bench()
    void source()
    asked[0]!.resolve(expiring(60, 'a'))
    await settled()
    clock.now = 56 * MINUTE
    await source()
    asked[1]!.reject(new Error('down'))
    await settled()
    expect([await idOf(source()), asked.length]).toEqual(['a', 2])
    clock.now = 57 * MINUTE
    expect([await idOf(source()), asked.length]).toEqual(['a', 3])
  })

  test('are waited for once they have expired', async () => {
    const { asked, clock, source } = bench()
    void source()
    asked[0]!.resolve(expiring(60, 'a'))
    await settled()
    clock.now = 60 * MINUTE
    const waiting = source()
    asked[1]!.reject(new Error('down'))
    await expect(waiting).rejects.toThrow('down')
    const again = source()
    asked[2]!.resolve(expiring(120, 'b'))
    expect(await idOf(again)).toBe('b')
  })
})

test('credentials that do not expire are fetched once', async () => {
  const { asked, clock, source } = bench()
  const waiting = source()
  asked[0]!.resolve({ accessKeyId: 'a', secretAccessKey: 's' })
  await waiting
  clock.now = Number.MAX_SAFE_INTEGER
  expect([await idOf(source()), asked.length]).toEqual(['a', 1])
})
