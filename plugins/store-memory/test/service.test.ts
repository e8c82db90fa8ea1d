import type { ServiceContext } from '@sluice/core/cluster'
import type { Claim } from '@sluice/store-kit'
import { expect, test } from 'vitest'
import create from '../src/service.ts'

const SLOTS: Claim = { kind: 'slots', key: 'k', amount: 1, limit: 10 }

test('what a process held that is gone is given back', () => {
  const lost: ((peer: string) => void)[] = []
  const context: ServiceContext = { publish: () => undefined, onPeerLost: (listener) => void lost.push(listener) }
  const table = create({ instance: 'a', kind: 'counters' }, context)
  table.reserve('1', [SLOTS], 'gone')
  table.reserve('2', [SLOTS], 'there')
  for (const listener of lost) listener('gone')
  expect(table.read([SLOTS])[0]?.remaining).toBe(9)
})

test('each write and deletion is published, refused ones are not', () => {
  const events: unknown[] = []
  const context: ServiceContext = { publish: (event) => void events.push(event), onPeerLost: () => undefined }
  const records = create({ instance: 'a', kind: 'records' }, context)
  records.put('x', '1', {})
  records.delete('x', 'unknown')
  expect(() => records.put('x', '1', {}, { revision: 7 })).toThrow(expect.objectContaining({ code: 'conflict' }))
  records.delete('x', '1')
  expect(events).toEqual([
    { collection: 'x', id: '1' },
    { collection: 'x', id: '1' },
  ])
})
