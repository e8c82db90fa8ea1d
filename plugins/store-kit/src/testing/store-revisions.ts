import assert from 'node:assert/strict'
import { GatewayError } from '@sluice/core'
import type { Store } from '../store.ts'
import { casesOf } from './subject.ts'
import type { Subject } from './subject.ts'

const isConflict = (error: unknown): boolean => GatewayError.is(error) && error.code === 'conflict'

/** What holds of revisions, and of writes that depend on them. */
export function testRevisions(subject: Subject<Store>): void {
  const { test } = casesOf(subject)

  test('the revision is 1 at first and grows with every write, whoever writes', async ({ one, other }) => {
    assert.equal(await one.put('a', '1', { n: 1 }), 1)
    assert.deepEqual(await other.find('a', '1'), { id: '1', value: { n: 1 }, revision: 1 })
    assert.equal(await other.put('a', '1', { n: 2 }), 2)
    assert.equal(await one.put('a', '1', { n: 2 }), 3)
    assert.equal(await one.put('a', '2', {}), 1)
    assert.deepEqual(await one.list('a'), [
      { id: '1', value: { n: 2 }, revision: 3 },
      { id: '2', value: {}, revision: 1 },
    ])
  })

  test('a write that names a revision happens only if that is the one', async ({ one, other }) => {
    await assert.rejects(one.put('a', '1', {}, { revision: 1 }), isConflict)
    assert.equal(await one.get('a', '1'), undefined)
    assert.equal(await one.put('a', '1', { n: 1 }, { revision: 0 }), 1)
    await assert.rejects(other.put('a', '1', { n: 2 }, { revision: 0 }), isConflict)
    assert.equal(await other.put('a', '1', { n: 2 }, { revision: 1 }), 2)
    for (const revision of [0, 1, 3]) await assert.rejects(one.put('a', '1', {}, { revision }), isConflict)
    assert.deepEqual(await one.find('a', '1'), { id: '1', value: { n: 2 }, revision: 2 })
  })

  test('a deletion that names a revision happens only if that is the one', async ({ one, other }) => {
    await assert.rejects(one.delete('a', '1', { revision: 1 }), isConflict)
    await one.put('a', '1', {})
    await one.put('a', '1', { n: 2 })
    for (const revision of [0, 1, 3]) await assert.rejects(other.delete('a', '1', { revision }), isConflict)
    assert.deepEqual(await one.get('a', '1'), { n: 2 })
    assert.equal(await other.delete('a', '1', { revision: 2 }), true)
    assert.equal(await one.get('a', '1'), undefined)
  })

  test('of 200 that write the same revision at once, one wins', async ({ handles, one }) => {
    for (let revision = 0; revision < 3; revision++) {
      const writes = await Promise.allSettled(
        Array.from({ length: 200 }, (_, n) => handles[n % handles.length]!.put('a', '1', { n }, { revision })),
      )
      const won = writes.flatMap((write, n) => (write.status === 'fulfilled' ? [{ n, revision: write.value }] : []))
      assert.equal(won.length, 1)
      for (const write of writes) if (write.status === 'rejected') assert.ok(isConflict(write.reason))
      const { n } = won[0]!
      assert.deepEqual(await one.find('a', '1'), { id: '1', value: { n }, revision: won[0]!.revision })
      assert.equal(won[0]!.revision, revision + 1)
    }
  })

  test('writes that name no revision all happen, each with its own', async ({ handles, one }) => {
    const revisions = await Promise.all(
      Array.from({ length: 100 }, (_, n) => handles[n % handles.length]!.put('a', '1', { n })),
    )
    assert.deepEqual(
      revisions.toSorted((a, b) => a - b),
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    assert.deepEqual((await one.find('a', '1'))?.value, { n: revisions.indexOf(100) })
  })
}
