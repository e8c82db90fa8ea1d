import assert from 'node:assert/strict'
import type { Store } from '../store.ts'
import { casesOf, soon } from './subject.ts'
import type { Subject } from './subject.ts'
import { HOSTILE } from './strings.ts'

/** What watchers are told. Some are told "any record may have changed", which is never wrong. */
export function testWatch(subject: Subject<Store>): void {
  const { test } = casesOf(subject)

  test('a watcher is told of what is written and deleted, by whatever handle', async ({ one, handles }) => {
    const told = handles.map((): (string | undefined)[] => [])
    handles.forEach((handle, i) => handle.watch('a', (id) => void told[i]!.push(id)))
    const all = (id: string, count: number) => () => {
      for (const ids of told) {
        assert.ok(
          ids.filter((each) => each === id).length >= count || ids.includes(undefined),
          `${id} of ${ids.join()}`,
        )
      }
    }
    for (const [i, handle] of handles.entries()) {
      await handle.put('a', `put-${i}`, {})
      await soon(all(`put-${i}`, 1))
      await one.delete('a', `put-${i}`)
      await soon(all(`put-${i}`, 2))
    }
  })

  test('a watcher is told of its own collection, whatever that and its ids are called', async ({ one, other }) => {
    const told = new Map(HOSTILE.map((name) => [name, new Set<string | undefined>()]))
    for (const [name, ids] of told) one.watch(name, (id) => ids.add(id))
    for (const name of HOSTILE) await other.put(name, `x${name}`, {})
    await soon(() => {
      for (const [name, ids] of told) assert.ok(ids.has(`x${name}`) || ids.has(undefined), name)
    })
    for (const [name, ids] of told) for (const id of ids) assert.ok(id === undefined || id === `x${name}`, name)
  })

  test('a watcher that has ended is told nothing more', async ({ one, other }) => {
    const told: string[] = []
    const end = one.watch('a', () => told.push('ended'))
    one.watch('a', (id) => told.push(id ?? '?'))
    await other.put('a', '1', {})
    await soon(() => assert.ok(told.includes('ended') && told.length >= 2))
    end()
    end()
    told.length = 0
    await other.put('a', '2', {})
    await soon(() => assert.ok(told.length > 0))
    assert.ok(!told.includes('ended'))
  })

  test('a watcher that throws is nobody else’s trouble', async ({ one, other }) => {
    const told: (string | undefined)[] = []
    one.watch('a', () => {
      throw new Error('thrown by a watcher')
    })
    one.watch('a', (id) => told.push(id))
    assert.equal(await one.put('a', '1', {}), 1)
    assert.equal(await other.put('a', '1', {}), 2)
    await soon(() => assert.ok(told.length > 0))
  })
}
