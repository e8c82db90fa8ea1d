import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WriteQueue } from '../src/queue.ts'
import { settingsOf } from '../src/settings.ts'
import type { Batch } from '../src/writes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A queue before a writer that answers when it is told to. */
function stage() {
  const batches: { ids: string[]; answer: PromiseWithResolvers<unknown[]> }[] = []
  const told: unknown[] = []
  const call = (_method: string, [{ writes }]: [Batch]): Promise<unknown[]> => {
    const answer = Promise.withResolvers<unknown[]>()
    batches.push({ ids: writes.map(({ args }) => args[1] as string), answer })
    return answer.promise
  }
  const settings = { ...settingsOf({}), queueSize: 1_000 }
  const queue = new WriteQueue({
    writer: { call } as never,
    now: () => 0,
    settings: () => settings,
    onBatch: (error) => void told.push(error),
  })
  const add = (id: string, size = 10): Promise<unknown> => queue.add('delete', ['a', id, undefined], size)
  return { queue, add, batches, told }
}

const refused = { code: 'overloaded' }

test('writes of a moment go together, and those that come meanwhile go next', async () => {
  const { add, batches } = stage()
  const first = [add('1'), add('2')]
  await vi.advanceTimersByTimeAsync(1)
  const next = [add('3'), add('4')]
  await vi.advanceTimersByTimeAsync(100)
  expect(batches.map(({ ids }) => ids)).toEqual([['1', '2']])
  batches[0]!.answer.resolve(['one', 'two'])
  expect(await Promise.all(first)).toEqual(['one', 'two'])
  await vi.advanceTimersByTimeAsync(5)
  batches[1]!.answer.resolve(['three', 'four'])
  expect(await Promise.all(next)).toEqual(['three', 'four'])
})

test('a batch that fails is refused, and the next one is tried', async () => {
  const { add, batches, told } = stage()
  const first = add('1')
  await vi.advanceTimersByTimeAsync(1)
  batches[0]!.answer.reject(new Error('disk'))
  await expect(first).rejects.toMatchObject({ ...refused, cause: { message: 'disk' } })
  const second = add('2')
  await vi.advanceTimersByTimeAsync(5)
  batches[1]!.answer.resolve([true])
  expect(await second).toBe(true)
  expect(told).toMatchObject([{ message: 'disk' }, undefined])
})

test('when the disk hangs, nobody waits for ever, and writes are taken again once it answers', async () => {
  const { add, batches, told } = stage()
  const first = add('1')
  await vi.advanceTimersByTimeAsync(1)
  const second = add('2')
  const ends = Promise.allSettled([first, second])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await ends).toMatchObject([{ reason: refused }, { reason: refused }])
  await expect(add('3')).rejects.toMatchObject(refused)
  expect([batches.length, told.length]).toEqual([1, 1])
  batches[0]!.answer.resolve([true])
  await vi.advanceTimersByTimeAsync(1)
  const fourth = add('4')
  await vi.advanceTimersByTimeAsync(5)
  batches[1]!.answer.resolve([true])
  expect([await fourth, batches[1]!.ids]).toEqual([true, ['4']])
})

test('what waits is bounded, and room is free again when it is written', async () => {
  const { add, batches } = stage()
  const first = add('1', 600)
  await vi.advanceTimersByTimeAsync(1)
  await expect(add('2', 600)).rejects.toMatchObject(refused)
  batches[0]!.answer.resolve([true])
  await first
  const third = add('3', 600)
  await vi.advanceTimersByTimeAsync(5)
  batches[1]!.answer.resolve([true])
  expect(await third).toBe(true)
})
