import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('cli/main.ts', import.meta.resolve('@sluice/core')))
const CONFIG = fileURLToPath(new URL('support/probe.config.ts', import.meta.url))

/** Milliseconds that three processes may take to start on a busy machine. */
const START = 30_000

let gateway: ChildProcess
let url = ''

beforeAll(async () => {
  gateway = spawn(process.execPath, [CLI, 'start', '--config', CONFIG], { stdio: ['ignore', 'pipe', 'inherit'] })
  url = await new Promise((resolve, reject) => {
    let text = ''
    gateway.once('exit', (code) => reject(new Error(`The gateway ended with ${code}: ${text}`)))
    gateway.stdout!.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const [found] = /http:\/\/\S+/.exec(text) ?? []
      if (found) resolve(found)
    })
  })
}, START)

afterAll(async () => {
  if (gateway.kill('SIGTERM')) await once(gateway, 'exit')
}, START)

type Answer<T> = { pid: number; value: T }

async function ask<T>(path: string): Promise<Answer<T>> {
  const response = await fetch(url + path)
  return (await response.json()) as Answer<T>
}
const askOften = <T>(count: number, path: string): Promise<Answer<T>[]> =>
  Promise.all(Array.from({ length: count }, () => ask<T>(path)))
const processesOf = (answers: readonly Answer<unknown>[]): number[] => [...new Set(answers.map(({ pid }) => pid))]

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
  await expect.poll(async () => (await ask('/left-far')).value, { timeout: 5000 }).toBe(96_000)
})

test('all processes count together, and what one held that ends is given back', async () => {
  const claims = await askOften<boolean>(200, '/reserve')
  const granted = claims.filter(({ value }) => value)
  expect(granted).toHaveLength(100)
  expect(processesOf(granted)).toHaveLength(2)

  const { pid } = await ask('/end')
  const held = granted.filter((each) => each.pid !== pid).length
  await expect.poll(async () => (await ask('/left')).value, { timeout: 5000 }).toBe(100 - held)
})
