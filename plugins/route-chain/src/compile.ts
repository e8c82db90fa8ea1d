/** Makes chains of what the options say. */
import { didYouMean, milliseconds } from '@sluice/core'
import type { Chain, Step } from './chain.ts'
import type { ChainOptions } from './options.ts'
import { circleIn, reachable } from './order.ts'
import { dataShape } from './references.ts'
import { StepCompiler } from './step-compiler.ts'

/** @throws Error that lists every problem and where it stands */
export function compileChains(chains: { readonly [name: string]: ChainOptions }): Map<string, Chain> {
  const problems: string[] = []
  const compiled = Object.entries(chains).map(([name, options]): [string, Chain] => {
    return [name, compileChain(name, options, problems)]
  })
  if (problems.length > 0) throw new Error(problems.join('\n  - '))
  return new Map(compiled)
}

function compileChain(name: string, options: ChainOptions, problems: string[]): Chain {
  const at = `chains.${name}`
  const data = dataShape(options.steps)
  const names = Object.keys(options.steps)
  const compiler = new StepCompiler(names, data, problems)
  const edges = new Map<string, readonly string[]>()
  const needed = new Set<string>()
  const drafts = Object.entries(options.steps).map(([step, given]) => {
    const draft = compiler.compile(step, given, `${at}.steps.${step}`)
    const stand = given.fallback?.step
    const leads = stand === undefined ? draft.needs : [...draft.needs, stand]
    edges.set(step, leads)
    for (const each of leads) needed.add(each)
    return draft
  })
  const steps = new Map(
    drafts.map((draft): [string, Step] => [draft.name, { ...draft, isNeeded: needed.has(draft.name) }]),
  )
  const circle = circleIn(edges)
  if (circle) problems.push(`${at}.steps: these wait for each other: ${circle.join(' → ')}`)
  const wanted = [options.output].flat()
  const outputs = wanted.flatMap((output) => {
    const step = steps.get(output)
    if (!step) problems.push(`${at}.output: there is no step "${output}".${didYouMean(output, names)}`)
    return step ?? []
  })
  const used = reachable(wanted, edges)
  for (const step of names) {
    if (!used.has(step)) problems.push(`${at}.steps.${step}: nothing that leads to the output refers to it`)
  }
  const { runAs = 'caller', concurrency = 4 } = options
  return { name, steps, outputs, runAs, concurrency, timeout: milliseconds(options.timeout ?? '10m') }
}
