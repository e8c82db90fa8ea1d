/** Child processes on a core of their own, and what the system's accounting says of them. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** The contender has a core for itself; upstream and load generator share the other. */
export const CORES = { contender: '1', harness: '0' }

const pinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** No child outlives the harness, however that ends. */
const children = new Set<ChildProcess>()
process.once('SIGTERM', () => process.exit(143))
process.once('SIGINT', () => process.exit(130))
process.once('exit', () => {
  for (const child of children) child.kill()
})

/** Starts a program on `core`. What it says on stdout is dropped. */
export function start(command: readonly string[], core: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const [file = '', ...args] = pinned ? ['taskset', '-c', core, ...command] : command
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  children.add(child.once('exit', () => children.delete(child)))
  return child
}

/** Moves a process tree with all its threads to `core`. */
export function pin(pid: number, core: string): void {
  if (pinned) for (const id of tree(pid)) spawnSync('taskset', ['-a', '-c', '-p', core, String(id)])
}

/** A child that answers every message with one. */
export class Peer {
  readonly #child: ChildProcess

  constructor(file: string) {
    this.#child = start([process.execPath, new URL(file, import.meta.url).pathname], CORES.harness)
  }

  async receive<T>(): Promise<T> {
    const [message] = (await once(this.#child, 'message')) as [T]
    return message
  }

  async ask<T>(message: string | object): Promise<T> {
    this.#child.send(message)
    return await this.receive<T>()
  }

  stop(): void {
    this.#child.kill()
  }
}

/** A process and all its descendants. */
export function tree(pid: number): number[] {
  const children = tasks(pid).flatMap((task) => read(`${task}/children`).split(' ').filter(Boolean).map(Number))
  return [pid, ...children.flatMap(tree)]
}

/** Seconds of processor time that a process tree has used so far, to the nanosecond. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0
  for (const id of tree(pid))
    for (const task of tasks(id)) nanoseconds += Number(read(`${task}/schedstat`).split(' ')[0])
  return nanoseconds / 1e9
}

/** Resident memory of a process tree in MB. */
export function residentMb(pid: number): number {
  const kilobytes = tree(pid).map((id) => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${id}/status`))?.[1] ?? 0))
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024
}

function tasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`)
  } catch {
    return []
  }
}

/** Empty if the process or thread has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
