/**
 * `pnpm bench`: sluice beside bare proxies, nginx and Portkey, in interleaved rounds on the same upstream.
 * See README.md for how to read it.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fault } from './check.ts'
import { CONTENDERS } from './contenders/index.ts'
import { measureSlice, startContender, startHarness, stopContender } from './measure.ts'
import type { Harness, Running } from './measure.ts'
import { profileTables } from './profile.ts'
import { COMPARISON, PAIRWISE } from './plans.ts'
import { processTable, verdictTable } from './report.ts'
import { Results } from './results.ts'
import type { Scenario } from './scenarios.ts'

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    scenario: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    micro: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})

const plan = options.pairs ? PAIRWISE : COMPARISON

/** Who can be measured here; a name given twice is measured against itself. */
function contenderNames(): string[] {
  const wanted = options.only?.split(',') ?? plan.contenders
  return wanted.filter((name) => {
    const reason = CONTENDERS[name]?.missing?.()
    if (reason !== undefined) console.error(`${name} is left out: ${reason}.`)
    return reason === undefined
  })
}

function chosenScenarios(): Scenario[] {
  const names = options.scenario
  const chosen = plan.scenarios.filter(
    ({ name }) => names === undefined || names.some((wanted) => name.startsWith(wanted)),
  )
  if (chosen.length === 0)
    throw new Error(`There is no such scenario; there are ${plan.scenarios.map(({ name }) => name).join(', ')}.`)
  return chosen
}

/** Adds to `running` as they come up, so that whoever runs can be stopped if one fails to. */
async function startAll(running: Running[], harness: Harness): Promise<void> {
  for (const name of contenderNames()) {
    const twins = running.filter((other) => other.name === name).length
    const label = twins === 0 ? name : `${name}#${twins + 1}`
    running.push(await startContender(name, label, harness, plan.scenarios[0] as Scenario, options.profile))
  }
}

/** Scenarios with those who do them right. Says who does not, and why. */
async function pairUp(running: readonly Running[], harness: Harness): Promise<Map<Scenario, Running[]>> {
  const pairs = new Map<Scenario, Running[]>()
  for (const scenario of chosenScenarios()) {
    await harness.upstream.ask(scenario.reply)
    const able: Running[] = []
    for (const contender of running) {
      if (scenario.client !== scenario.target && CONTENDERS[contender.name]?.translates !== true) continue
      const problem = await fault(contender, scenario, harness.upstream)
      if (problem === undefined) able.push(contender)
      else console.error(`${contender.label} is left out of ${scenario.name}: it ${problem}`)
    }
    pairs.set(scenario, able)
  }
  return pairs
}

async function measure(pairs: ReadonlyMap<Scenario, Running[]>, harness: Harness): Promise<Results> {
  const results = new Results()
  const rounds = Number(options.rounds ?? (options.quick ? 3 : plan.rounds))
  const share = options.quick ? plan.share / 2 : plan.share
  for (let round = 1 - plan.warmUp; round <= rounds; round++) {
    for (const [scenario, contenders] of pairs) {
      // What takes its own time is too rare to warm anything; its code is warmed by the others.
      if (round < 0 && 'each' in scenario.slice) continue
      await harness.upstream.ask(scenario.reply)
      for (let i = 0; i < contenders.length; i++) {
        const contender = contenders[(i + round + plan.warmUp) % contenders.length] as Running
        const sample = await measureSlice(contender, scenario, harness, share)
        if (round > 0) results.add(scenario.name, contender.label, sample)
      }
    }
    console.error(round > 0 ? `round ${round} of ${rounds}` : `warming up, ${-round} more`)
  }
  return results
}

async function main(): Promise<void> {
  const harness = await startHarness()
  const running: Running[] = []
  try {
    await startAll(running, harness)
    const pairs = await pairUp(running, harness)
    const results = await measure(pairs, harness)
    const labels = running.map(({ label }) => label)
    for (const text of plan.tables(results, [...pairs.keys()], labels)) console.log(text)
    const verdict = verdictTable(results, running)
    console.log(processTable(running))
    console.log(verdict.text)
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(results.samples, null, 2))
    if (options.check && verdict.missed > 0) process.exitCode = 1
  } finally {
    await Promise.all(running.map(stopContender))
    harness.upstream.stop()
    harness.load.stop()
  }
  if (options.profile !== undefined) for (const text of profileTables(options.profile)) console.log(text)
}

if (options.micro) await (await import('./micro.ts')).micro()
else if (options.memory) await (await import('./memory.ts')).memory(Number(options.rounds ?? 3))
else await main()
