import { fileURLToPath } from 'node:url'
import { GatewayProcess } from '@sluice/store-kit/testing'
import type { ProcessAnswer } from '@sluice/store-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const gateway = new GatewayProcess(fileURLToPath(new URL('support/probe.config.ts', import.meta.url)))
beforeAll(() => gateway.start(), GatewayProcess.START_LIMIT)
afterAll(() => gateway.stop(), GatewayProcess.START_LIMIT)

const askOften = <T>(count: number, path: string): Promise<ProcessAnswer<T>[]> =>
  Promise.all(Array.from({ length: count }, () => gateway.ask<T>(path)))
const processesOf = (answers: readonly ProcessAnswer<unknown>[]): number[] => [
  ...new Set(answers.map(({ pid }) => pid)),
]

test('of all that create a record at once, one does, and all processes are told', async () => {
  const writes = await askOften<number | string>(50, '/create')
  expect(writes.filter(({ value }) => value === 1)).toHaveLength(1)
  expect(writes.filter(({ value }) => value === 'conflict')).toHaveLength(49)
  await expect
    .poll(async () => processesOf((await askOften<string[]>(8, '/told')).filter(({ value }) => value.includes('1'))))
    .toHaveLength(2)
})

test('far from a limit a process need not wait for the counters, and what it used is known soon', async () => {
  const rushes = await askOften<number>(4, '/rush')
  for (const { value } of rushes) expect(value).toBeLessThan(100)
  await expect.poll(async () => (await gateway.ask('/left-far')).value, { timeout: 5000 }).toBe(96_000)
})

test('all processes count together, and what one held that ends is given back', async () => {
  const claims = await askOften<boolean>(200, '/reserve')
  const granted = claims.filter(({ value }) => value)
  expect(granted).toHaveLength(100)
  expect(processesOf(granted)).toHaveLength(2)

  const { pid } = await gateway.ask('/end')
  const held = granted.filter((each) => each.pid !== pid).length
  await expect.poll(async () => (await gateway.ask('/left')).value, { timeout: 5000 }).toBe(100 - held)
})
