import { fileURLToPath } from 'node:url'
import { GatewayProcess } from '@sluice/store-kit/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const gateway = new GatewayProcess(fileURLToPath(new URL('support/probe.config.ts', import.meta.url)))
beforeAll(() => gateway.start(), GatewayProcess.START_LIMIT)
afterAll(() => gateway.stop(), GatewayProcess.START_LIMIT)

test('workers of a gateway hear each other, and never themselves', async () => {
  const tellers = new Set<number>()
  const heard = new Map<number, string[]>()
  await expect
    .poll(
      async () => {
        tellers.add((await gateway.ask('/tell')).pid)
        // An odd number of requests: workers take them in turn.
        for (let n = 0; n < 2; n++) {
          const { pid, value } = await gateway.ask<string[]>('/heard')
          heard.set(pid, value)
        }
        return [...heard.values()].filter((words) => words.length > 0).length
      },
      { timeout: 10_000 },
    )
    .toBe(2)
  expect(tellers.size).toBe(2)
  for (const [pid, words] of heard) {
    const other = [...tellers].find((each) => each !== pid)
    expect(new Set(words)).toEqual(new Set([`from ${other}`]))
  }
}, 15_000)
