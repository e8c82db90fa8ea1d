import { describe, expect, test } from 'vitest'
import { TokenCache } from '../src/token-cache.ts'
import type { Token } from '../src/token-cache.ts'

/** A cache whose fetches are answered by hand, and whose clock stands still. Tokens live 100 seconds. */
function bench() {
  const fetches: PromiseWithResolvers<Token>[] = []
  const troubles: unknown[] = []
  const clock = { seconds: 0 }
  const cache = new TokenCache(
    () => {
      const fetch = Promise.withResolvers<Token>()
      fetches.push(fetch)
      return fetch.promise
    },
    (error) => troubles.push(error),
    () => clock.seconds * 1000,
  )
  const give = async (value: string): Promise<void> => {
    fetches.at(-1)!.resolve({ value, lifetime: 100 })
    await settled()
  }
  const fail = async (): Promise<void> => {
    fetches.at(-1)!.reject(new Error('no'))
    await settled()
  }
  return { cache, clock, fetches, troubles, give, fail }
}

const settled = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

test('the first token is waited for, by all in one fetch; later it is at hand', async () => {
  const { cache, fetches, give } = bench()
  const [first, second] = [cache.get(), cache.get()]
  await give('a')
  expect([await first, await second, cache.get()]).toEqual(['a', 'a', 'a'])
  expect(fetches).toHaveLength(1)
})

describe('a token', () => {
  test.each([
    [79, 'a', 1],
    [80, 'a', 2],
    [94, 'a', 2],
  ])('of %i seconds is %s, after %i fetches', async (seconds, value, count) => {
    const { cache, clock, fetches, give } = bench()
    void cache.get()
    await give('a')
    clock.seconds = seconds
    expect([cache.get(), cache.get(), fetches.length]).toEqual([value, value, count])
  })

  test('that was renewed in time is the new one, without a wait', async () => {
    const { cache, clock, give } = bench()
    void cache.get()
    await give('a')
    clock.seconds = 80
    expect(cache.get()).toBe('a')
    await give('b')
    expect(cache.get()).toBe('b')
    clock.seconds = 80 + 79
    expect(cache.get()).toBe('b')
  })

  test('that is used up is waited for anew', async () => {
    const { cache, clock, give } = bench()
    void cache.get()
    await give('a')
    clock.seconds = 95
    const next = cache.get()
    expect(next).toBeInstanceOf(Promise)
    await give('b')
    expect(await next).toBe('b')
  })
})

describe('a fetch that fails', () => {
  test('is the failure of all who wait, and is tried again for the next', async () => {
    const { cache, fetches, troubles, fail, give } = bench()
    const waiting = [cache.get(), cache.get()].map((each) => expect(each).rejects.toThrow('no'))
    await fail()
    await Promise.all(waiting)
    const next = cache.get()
    await give('a')
    expect(await next).toBe('a')
    expect([fetches.length, troubles.length]).toEqual([2, 1])
  })

  test('for the last time before the old token ends leaves no gap', async () => {
    const { cache, clock, give, fail } = bench()
    void cache.get()
    await give('a')
    clock.seconds = 94
    expect(cache.get()).toBe('a')
    await fail()
    clock.seconds = 95
    const next = cache.get()
    await give('b')
    expect(await next).toBe('b')
  })

  test('while the old token holds is told once, and tried again after a pause', async () => {
    const { cache, clock, fetches, troubles, give, fail } = bench()
    void cache.get()
    await give('a')
    clock.seconds = 80
    expect([cache.get(), cache.get()]).toEqual(['a', 'a'])
    await fail()
    expect([cache.get(), fetches.length, troubles.length]).toEqual(['a', 2, 1])
    clock.seconds = 90
    expect([cache.get(), fetches.length]).toEqual(['a', 3])
    await give('b')
    expect(cache.get()).toBe('b')
  })
})
