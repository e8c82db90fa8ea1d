import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { GatewayError } from '@sluice/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Guard } from '../src/index.ts'

const failing =
  (text = 'down'): (() => Promise<never>) =>
  () =>
    Promise.reject(new Error(text))
const answering = async (): Promise<string> => 'answer'
const silent = (): Promise<never> => new Promise(() => undefined)

let events: string[]
let guard: Guard
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  events = []
  guard = new Guard({
    name: 'Server',
    deadline: 100,
    failures: 3,
    pause: 500,
    isTrouble: (error) => !(error instanceof TypeError),
    onOpen: (reason) => events.push(reason),
    onClose: () => events.push('back'),
  })
})
afterEach(() => void vi.useRealTimers())

/** The reason for which a call was refused. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.catch((thrown: unknown) => thrown)
  if (!GatewayError.is(error) || error.code !== 'overloaded') throw new Error('it was not refused', { cause: error })
  return (error.cause as Error).message
}
const open = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await refusal(guard.run(failing()))
}

test('an answer goes to the caller, as does an error that is the caller’s', async () => {
  expect(await guard.run(answering)).toBe('answer')
  await expect(guard.run(() => Promise.reject(new TypeError('wrong')))).rejects.toThrow(TypeError)
  expect(vi.getTimerCount()).toBe(0)
})

test('a call without an answer ends at the deadline, and what comes later is nobody’s', async () => {
  let answer = (_: string): void => undefined
  const call = refusal(guard.run(() => new Promise<string>((resolve) => (answer = resolve))))
  await vi.advanceTimersByTimeAsync(100)
  expect(await call).toBe('Server did not answer within 100 ms')
  answer('late')
  expect(events).toEqual([])
})

test('after some failures in a row no more calls are made, but one a pause', async () => {
  await open()
  expect(events).toEqual(['Server failed: down'])
  const call = vi.fn<() => Promise<never>>(failing('still down'))
  await refusal(guard.run(call))
  expect(call).not.toHaveBeenCalled()
  for (let probes = 1; probes < 4; probes++) {
    await vi.advanceTimersByTimeAsync(500)
    for (let i = 0; i < 5; i++) await refusal(guard.run(call))
    expect(call).toHaveBeenCalledTimes(probes)
  }
  await vi.advanceTimersByTimeAsync(500)
  expect(await guard.run(answering)).toBe('answer')
  expect(await guard.run(answering)).toBe('answer')
  expect(events).toEqual(['Server failed: down', 'back'])
})

test('failures count only in a row', async () => {
  for (let i = 0; i < 10; i++) {
    await refusal(guard.run(failing()))
    await refusal(guard.run(failing()))
    await guard.run(answering)
  }
  expect(events).toEqual([])
})

test('an error that is the caller’s says that the server is back', async () => {
  await open()
  guard.retry()
  await expect(guard.run(() => Promise.reject(new TypeError('wrong')))).rejects.toThrow(TypeError)
  expect(events.at(-1)).toBe('back')
})

test('a call is let through at once when the server may be back', async () => {
  await open()
  guard.retry()
  expect(await guard.run(answering)).toBe('answer')
})

test('a late answer of a slow server does not make it a good one', async () => {
  for (let i = 0; i < 3; i++) {
    const call = refusal(guard.run(() => new Promise((resolve) => setTimeout(resolve, 150))))
    await vi.advanceTimersByTimeAsync(160)
    await call
  }
  expect(events).toEqual(['Server did not answer within 100 ms'])
  expect(await refusal(guard.run(silent))).toMatch(/pause/)
})

test('what clients are shown says nothing of the server', async () => {
  await expect(guard.run(failing('ECONNREFUSED 10.0.0.7'))).rejects.toSatisfy(
    (error: GatewayError) => !/10\.0\.0\.7|Server/.test(error.message) && error.retryable && error.retryAfter === 1,
  )
})

test('an answer that came in time is taken, although this process was too busy to look', async () => {
  vi.useRealTimers()
  const worker = new Worker(
    `const { parentPort } = require('worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m))`,
    {
      eval: true,
    },
  )
  await once(worker, 'online')
  const asked = guard.run(async () => {
    const answered = once(worker, 'message')
    worker.postMessage('answer', [])
    return (await answered) as unknown[]
  })
  // What comes after immediates are timers.
  await new Promise(setImmediate)
  for (const end = performance.now() + 250; performance.now() < end;);
  expect(await asked).toEqual(['answer'])
  await worker.terminate()
})
