/** Starts contenders and measures them, one short slice at a time. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONTENDERS } from './contenders/index.ts'
import type { Load } from './load.ts'
import { CORES, cpuSeconds, Peer, pin, residentMb, start } from './process.ts'
import { profiling } from './profile.ts'
import { ending, requestOf } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'
import type { Wire } from './wires.ts'

/** The two ends that every contender stands between. */
export interface Harness {
  upstream: Peer
  upstreamUrl: string
  load: Peer
}

export async function startHarness(): Promise<Harness> {
  const upstream = new Peer('upstream.ts')
  const { port } = await upstream.receive<{ port: number }>()
  return { upstream, upstreamUrl: `http://127.0.0.1:${port}`, load: new Peer('load.ts') }
}

/** A contender that is up. */
export interface Running {
  /** Unique in the run; differs from `name` if a contender is measured against itself. */
  label: string
  name: string
  url: string
  /** Headers that its requests need besides the usual. */
  headers(target: Wire): { [name: string]: string }
  process: ChildProcess | undefined
  /** Milliseconds from the start of the process to its first good reply; 0 for the upstream itself. */
  startMs: number
  /** Resident memory before the load. */
  idleMb: number
}

/** One slice of one scenario. */
export interface Sample extends Load {
  /** Seconds of processor time; NaN for the upstream itself, which shares its core. */
  cpuSeconds: number
}

/**
 * Starts a contender and waits for its first good reply to `probe`.
 * @param profiles folder that a contender on Node shall write its CPU profile to
 */
export async function startContender(
  name: string,
  label: string,
  harness: Harness,
  probe: Scenario,
  profiles?: string,
): Promise<Running> {
  const contender = CONTENDERS[name]
  if (contender === undefined)
    throw new Error(`There is no contender "${name}"; there are ${Object.keys(CONTENDERS).join(', ')}.`)
  const headers = (target: Wire) => contender.headers?.(harness.upstreamUrl, target) ?? {}
  if (contender.command === undefined) {
    return { label, name, url: harness.upstreamUrl, headers, process: undefined, startMs: 0, idleMb: 0 }
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const begin = performance.now()
  const child = start(contender.command(port, harness.upstreamUrl), CORES.contender, {
    PORT: String(port),
    UPSTREAM: harness.upstreamUrl,
    NODE_ENV: 'production',
    ...(profiles === undefined ? {} : { NODE_OPTIONS: profiling(profiles, label) }),
  })
  const { path, headers: usual, body } = requestOf(probe)
  const ask = () => fetch(url + path, { method: 'POST', headers: { ...usual, ...headers(probe.target) }, body })
  let status = 0
  while (status !== 200) {
    const response = await ask().catch(() => undefined)
    await response?.arrayBuffer()
    status = response?.status ?? 0
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode} before it served.`)
    if (performance.now() - begin > 15_000)
      throw new Error(`${name} did not serve within 15 s; it last answered ${status}.`)
    if (status !== 200) await sleep(5)
  }
  const startMs = performance.now() - begin
  await sleep(300)
  return { label, name, url, headers, process: child, startMs, idleMb: residentMb(child.pid ?? 0) }
}

/** Ends a contender and waits until it has. */
export async function stopContender({ process: child }: Running): Promise<void> {
  if (child === undefined || child.exitCode !== null) return
  child.kill()
  await once(child, 'exit')
}

/** Opens fresh connections, warms them, and measures one slice. The upstream must know the scenario's kind of reply. */
export async function measureSlice(
  running: Running,
  scenario: Scenario,
  { load }: Harness,
  share = 1,
): Promise<Sample> {
  const { slice, core } = scenario
  const pid = running.process?.pid
  if (pid !== undefined && core !== 'contender') pin(pid, CORES[core])
  await openConnections(running, scenario, load)
  await load.ask({ command: 'run', ...('each' in slice ? { each: 1 } : { seconds: 0.1 }) })
  const before = cpu(running)
  const result = await load.ask<Load>({
    command: 'run',
    ...('each' in slice ? slice : { seconds: slice.seconds * share }),
  })
  const after = cpu(running)
  await load.ask({ command: 'close' })
  if (pid !== undefined && core !== 'contender') pin(pid, CORES.contender)
  return { ...result, cpuSeconds: after - before }
}

/** Tells the load generator whom to ask what, and on how many connections. */
export async function openConnections(running: Running, scenario: Scenario, load: Peer): Promise<void> {
  await load.ask({
    command: 'open',
    port: Number(new URL(running.url).port),
    connections: scenario.connections,
    request: requestBytes(running, scenario),
    ending: ending(scenario),
  })
}

function cpu({ process }: Running): number {
  return process ? cpuSeconds(process.pid ?? 0) : NaN
}

function requestBytes(running: Running, scenario: Scenario): string {
  const { path, headers, body } = requestOf(scenario)
  const lines = Object.entries({
    host: new URL(running.url).host,
    connection: 'keep-alive',
    ...headers,
    ...running.headers(scenario.target),
    'content-length': String(Buffer.byteLength(body)),
  })
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
