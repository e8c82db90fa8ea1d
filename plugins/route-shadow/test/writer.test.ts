import type { Logger } from '@sluice/core'
import type { Journal, Row } from '@sluice/store-kit'
import { expect, test, vi } from 'vitest'
import { Writer } from '../src/writer.ts'

const rowOf = (id: number): Row => ({ id: String(id), time: id, data: {} })
const silent = () => {
  const warn = vi.fn<(fields: object, text: string) => void>()
  return { warn } as unknown as Logger & { warn: typeof warn }
}

/** Appends only when it is let. */
function slowJournal() {
  const written: string[][] = []
  const gates: PromiseWithResolvers<void>[] = []
  const append = async (journal: string, rows: readonly Row[]): Promise<string[]> => {
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    await gate.promise
    written.push([journal, ...rows.map(({ id }) => id)])
    return []
  }
  return { journal: { append } as unknown as Journal, written, gates }
}

test('rows that come while one is written go together, in their order', async () => {
  const { journal, written, gates } = slowJournal()
  const writer = new Writer(journal, silent())
  writer.add('a', rowOf(1))
  for (const id of [2, 3]) writer.add('a', rowOf(id))
  writer.add('b', rowOf(4))
  for (let at = 0; at < 3; at++) {
    await vi.waitFor(() => expect(gates).toHaveLength(at + 1), { interval: 1 })
    gates[at]!.resolve()
  }
  await writer.close()
  expect(written).toEqual([
    ['a', '1'],
    ['a', '2', '3'],
    ['b', '4'],
  ])
})

test('what finds no room is lost, and told of', async () => {
  const { journal, written, gates } = slowJournal()
  const log = silent()
  const writer = new Writer(journal, log)
  writer.add('a', rowOf(0))
  for (let id = 1; id <= 1500; id++) writer.add('a', rowOf(id))
  const opened = setInterval(() => gates.forEach(({ resolve }) => resolve()), 1)
  await writer.close()
  clearInterval(opened)
  expect(written.flat().filter((id) => id !== 'a')).toHaveLength(1001)
  expect(written.every(({ length }) => length <= 101)).toBe(true)
  expect(log.warn.mock.calls).toEqual([[{ rows: 500 }, expect.any(String)]])
})

test('a journal that fails loses a piece, and what comes later is written', async () => {
  const append = vi.fn<Journal['append']>().mockRejectedValueOnce(new Error('away')).mockResolvedValue([])
  const log = silent()
  const writer = new Writer({ append } as unknown as Journal, log)
  writer.add('a', rowOf(1))
  await writer.close()
  writer.add('a', rowOf(2))
  await writer.close()
  expect(append).toHaveBeenCalledTimes(2)
  expect(log.warn).toHaveBeenCalledOnce()
})
