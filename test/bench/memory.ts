/** `pnpm bench --memory`: what a stream takes of memory while it is under way. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DELTAS, PACES } from './content.ts'
import type { Load } from './load.ts'
import { table } from './markdown.ts'
import { measureSlice, openConnections, startContender, startHarness, stopContender } from './measure.ts'
import type { Harness } from './measure.ts'
import { residentMb } from './process.ts'
import { estimate } from './results.ts'
import { HELD_SCENARIOS } from './scenarios.ts'
import type { Scenario } from './scenarios.ts'

/** How far into the streams memory is read: far enough that what they gather has piled up. */
const MOMENT = 0.75
/** Milliseconds that a process is left alone before its idle memory is read. */
const REST = 1000

/** Resident megabytes of a process of its own. */
interface Readings {
  idle: number
  held: number
  after: number
}

async function read(contender: string, scenario: Scenario, harness: Harness): Promise<Readings> {
  const { upstream, load } = harness
  await upstream.ask('paced')
  const running = await startContender(contender, contender, harness, scenario)
  const resident = () => residentMb(running.process?.pid ?? 0)
  try {
    // What the process needs for any traffic at all is there before.
    await measureSlice(running, { ...scenario, connections: 100 }, harness)
    await upstream.ask('held')
    await sleep(REST)
    const idle = resident()
    await openConnections(running, scenario, load)
    const run = load.ask<Load>({ command: 'run', each: 1 })
    await sleep(PACES.held * DELTAS * MOMENT)
    const held = resident()
    const { errors } = await run
    if (errors > 0) throw new Error(`${errors} streams through ${contender} (${scenario.name}) did not end well.`)
    await load.ask({ command: 'close' })
    await sleep(REST)
    return { idle, held, after: resident() }
  } finally {
    await stopContender(running)
  }
}

/** Prints medians of some rounds, each in a fresh process. */
export async function memory(rounds: number): Promise<void> {
  const harness = await startHarness()
  const [verbatim] = HELD_SCENARIOS as readonly [Scenario]
  const subjects: [string, Scenario][] = [
    ['node', verbatim],
    ['koa', verbatim],
    ...HELD_SCENARIOS.map((scenario): [string, Scenario] => ['sluice-wires', scenario]),
  ]
  const rows: string[][] = []
  try {
    for (const [contender, scenario] of subjects) {
      const readings: Readings[] = []
      for (let round = 0; round < rounds; round++) readings.push(await read(contender, scenario, harness))
      const median = (figure: (reading: Readings) => number, digits = 0) =>
        estimate(readings.map(figure))?.value.toFixed(digits) ?? '–'
      const perStream = median(({ idle, held }) => ((held - idle) * 1024) / scenario.connections, 1)
      const total = [median(({ idle }) => idle), median(({ held }) => held), median(({ after }) => after)]
      rows.push([`${contender}: ${scenario.title}`, perStream, ...total])
      console.error(rows.at(-1)?.join(' · '))
    }
  } finally {
    harness.upstream.stop()
    harness.load.stop()
  }
  const title = `Resident memory with ${verbatim.connections} streams under way`
  console.log(table(title, ['', 'KB a stream', 'MB idle', 'MB held', 'MB after'], rows))
}
