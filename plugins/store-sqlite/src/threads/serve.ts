/** A thread's end of `Thread`. */
import { parentPort } from 'node:worker_threads'
import { reasonOf, Refusal } from '../refusal.ts'
import type { Answer, Methods, Question } from './thread.ts'

/**
 * Answers the calls of the thread that started this one, one after the other, until `close` has been called.
 * @param make runs before the first call, and before the next one if it failed
 */
export function serve(make: () => Methods): void {
  const port = parentPort!
  let methods: { [name: string]: (...args: readonly unknown[]) => unknown } | undefined
  port.on('message', ({ id, method, args }: Question) => {
    port.postMessage(answer(id, () => (methods ??= make() as never)[method]!(...args)))
    if (method === 'close') port.close()
  })
}

/** Errors lose their class on their way. */
function answer(id: number, call: () => unknown): Answer {
  try {
    return { id, value: call() }
  } catch (error) {
    return { id, fault: reasonOf(error), isRefusal: error instanceof Refusal }
  }
}
