/** The suite that every `Cache` passes. */
import assert from 'node:assert/strict'
import type { Cache } from '../cache.ts'
import { HOSTILE } from './strings.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

/** Milliseconds that no case lasts. */
const LONG = 60_000

export function testCache(subject: Subject<Cache>): void {
  const { test, timed } = casesOf(subject)

  test('what is set is got, until it is replaced or deleted', async ({ one, other }) => {
    assert.equal(await one.get('a'), undefined)
    await one.set('a', Buffer.from('first'), LONG)
    assert.deepEqual(await other.get('a'), Buffer.from('first'))
    await other.set('a', Buffer.from('second'), LONG)
    assert.deepEqual(await one.get('a'), Buffer.from('second'))
    await other.delete('a')
    await other.delete('a')
    assert.equal(await one.get('a'), undefined)
  })

  test('bytes come back as they were, as a Buffer', async ({ one }) => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    for (const bytes of [Buffer.alloc(0), all, Buffer.alloc(300_000, all), Buffer.concat([all, all]).subarray(3, 77)]) {
      await one.set('a', bytes, LONG)
      const got = await one.get('a')
      assert.ok(Buffer.isBuffer(got))
      assert.ok(got.equals(bytes))
    }
  })

  test('keys do not meet, whatever they are called', async ({ one, other }) => {
    for (const key of HOSTILE) await one.set(key, Buffer.from(key), LONG)
    for (const key of HOSTILE) assert.deepEqual(await other.get(key), Buffer.from(key), key)
    for (const key of HOSTILE) {
      await one.delete(key)
      assert.equal(await other.get(key), undefined, key)
    }
  })

  test('changing bytes changes nothing that is cached', async ({ one }) => {
    const bytes = Buffer.from('text')
    await one.set('a', bytes, LONG)
    bytes.fill(0)
    const got = await one.get('a')
    assert.deepEqual(got, Buffer.from('text'))
    got.fill(0)
    assert.deepEqual(await one.get('a'), Buffer.from('text'))
  })

  test('what is over is gone, and setting it starts anew', async ({ one, pass }) => {
    await one.set('a', Buffer.from('a'), 30)
    await one.set('b', Buffer.from('b'), 30)
    await one.set('b', Buffer.from('b'), LONG)
    await one.set('c', Buffer.from('c'), LONG)
    await one.set('c', Buffer.from('c'), 30)
    await pass(40)
    assert.equal(await one.get('a'), undefined)
    assert.deepEqual(await one.get('b'), Buffer.from('b'))
    assert.equal(await one.get('c'), undefined)
  })

  test('what has no time to live is never got', async ({ one }) => {
    for (const ttl of [0, -1]) {
      await one.set('a', Buffer.from('before'), LONG)
      await one.set('a', Buffer.from('after'), ttl)
      assert.equal(await one.get('a'), undefined)
    }
  })

  timed('it is there to the last millisecond', async ({ one, pass }) => {
    await one.set('a', Buffer.from('a'), 1000)
    await pass(999)
    assert.deepEqual(await one.get('a'), Buffer.from('a'))
    await pass(1)
    assert.equal(await one.get('a'), undefined)
  })

  test('whoever reads while others write gets what one of them wrote, whole', async ({ handles }) => {
    const values = Array.from({ length: 100 }, (_, i) => Buffer.alloc(10_000, i))
    await handles[0].set('a', values[0]!, LONG)
    await Promise.all(
      values.map(async (value, i) => {
        await handles[i % handles.length]!.set('a', value, LONG)
        const got = await handles[(i + 1) % handles.length]!.get('a')
        assert.ok(got && values.some((each) => each.equals(got)))
      }),
    )
  })
}
