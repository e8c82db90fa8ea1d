import { expect, test } from 'vitest'
import { Thread } from '../src/threads/thread.ts'

type Fragile = { count(): number; fail(): void; die(): void; close(): void }
const start = (): Thread<Fragile> => new Thread(new URL('support/fragile-thread.ts', import.meta.url), undefined)

test('calls are answered in their order, each with its own', async () => {
  const thread = start()
  const answers = await Promise.allSettled([
    thread.call('count', []),
    thread.call('fail', []),
    thread.call('count', []),
  ])
  expect(answers).toMatchObject([{ value: 1 }, { reason: { message: 'failed' } }, { value: 2 }])
  await thread.stop()
})

test('a thread that dies costs the calls that it had, and the next one starts another', async () => {
  const thread = start()
  const answers = await Promise.allSettled([thread.call('count', []), thread.call('die', []), thread.call('count', [])])
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(await thread.call('count', [])).toBe(1)
  await thread.stop()
})

test('only so many calls may wait', async () => {
  const thread = start()
  const answers = await Promise.allSettled(Array.from({ length: 1_001 }, () => thread.call('count', [])))
  expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  await thread.stop()
})

test('one that was never called has nothing to end', async () => {
  await start().stop()
})
