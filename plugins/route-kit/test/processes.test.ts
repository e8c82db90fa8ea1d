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

type Answer = { pid: number; value: string[] }

async function ask(path: string): Promise<Answer> {
  return (await (await fetch(url + path)).json()) as Answer
}

test('workers of a gateway hear each other, and never themselves', async () => {
  const tellers = new Set<number>()
  const heard = new Map<number, string[]>()
  await expect
    .poll(
      async () => {
        tellers.add((await ask('/tell')).pid)
        // An odd number of requests: workers take them in turn.
        for (let n = 0; n < 2; n++) {
          const { pid, value } = await ask('/heard')
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
