/** Reads CPU profiles that `--profile` has made. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from './markdown.ts'

interface CallFrame {
  functionName: string
  url: string
  lineNumber: number
}
interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame }[]
  samples: number[]
  /** Microseconds. */
  timeDeltas: number[]
}

/** Node options that make a process write its profile into `folder` when it ends. */
export function profiling(folder: string, label: string): string {
  return `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-name=${label}.cpuprofile`
}

/** For each profile in `folder`: how much time each package took, and its heaviest functions, by time in the function itself. */
export function profileTables(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))
  return files.flatMap((file) => {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile
    return [
      table(`${file}: self time by package`, ['package', '%'], shares(profile, packageOf).slice(0, 15)),
      table(`${file}: self time by function`, ['function', '%'], shares(profile, nameOf).slice(0, 40)),
    ]
  })
}

function shares({ nodes, samples, timeDeltas }: CpuProfile, groupOf: (frame: CallFrame) => string): string[][] {
  const groups = new Map(nodes.map(({ id, callFrame }) => [id, groupOf(callFrame)]))
  const times = new Map<string, number>()
  samples.forEach((id, i) => {
    const group = groups.get(id) ?? ''
    if (group !== '(idle)') times.set(group, (times.get(group) ?? 0) + (timeDeltas[i] ?? 0))
  })
  const total = [...times.values()].reduce((sum, time) => sum + time, 0)
  const sorted = [...times].sort(([, a], [, b]) => b - a)
  return sorted.map(([group, time]) => [group, ((time / total) * 100).toFixed(1)])
}

/** Path below the repository or below node_modules. */
function fileOf({ url }: CallFrame): string {
  return url.replace(/^.*\/node_modules\//, '').replace(new URL('../..', import.meta.url).href, '')
}

function nameOf(frame: CallFrame): string {
  const file = fileOf(frame)
  return `${frame.functionName || '(anonymous)'}${file && ` ${file}:${frame.lineNumber + 1}`}`
}

function packageOf(frame: CallFrame): string {
  const file = fileOf(frame)
  if (file === '') return frame.functionName.startsWith('(') ? frame.functionName : 'native code'
  if (file.startsWith('node:')) return 'node'
  return /^(plugins\/[^/]+|test\/bench|@[^/]+\/[^/]+|[^/]+)/.exec(file)?.[0] ?? file
}
