import { expect, test } from 'vitest'
import { ShortLived } from '../src/short-lived.ts'

test('a map of short-lived entries has what a map has, whatever comes and goes', () => {
  const map = new Map<number, number>()
  const shortLived = new ShortLived<number, number>()
  for (let step = 0; step < 5000; step++) {
    // Pseudo-random, and the same each time; up to 300 entries at a time.
    const key = (step * 7919) % 300
    if (step % 3 === 0) expect(shortLived.delete(key)).toBe(map.delete(key))
    else {
      map.set(key, step)
      shortLived.set(key, step)
    }
    expect(shortLived.get(key)).toBe(map.get(key))
    expect(shortLived.has(key)).toBe(map.has(key))
    if (step % 500 === 0) {
      expect([...shortLived]).toEqual([...map])
      expect([...shortLived.values()]).toEqual([...map.values()])
    }
  }
})

test('entries may be deleted while one goes through them', () => {
  const shortLived = new ShortLived<number, string>()
  for (let key = 0; key < 200; key++) shortLived.set(key, 'x')
  for (const [key] of shortLived) shortLived.delete(key)
  expect([...shortLived]).toEqual([])
})
