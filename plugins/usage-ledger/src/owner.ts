/** Which process a spool belongs to, and whether that one lives: the name of its directory says it. */
import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'

/** Milliseconds without a sign of life after which a process of another machine is taken for dead. */
const SILENCE = 120_000
const NAME = /^(.+)~(\d+)~(\d+)~[\w-]+$/
/** Process id in the name of a directory that its process has left. */
const NOBODY = 0

const host = hostname().replaceAll(/[^\w.-]/g, '_') || 'localhost'
const own = `${host}~${process.pid}~${bornAt(process.pid) ?? 0}`

/** Where this process keeps something. Each call gives another directory. */
export function ownDirectory(base: string): string {
  return join(base, `${own}~${crypto.randomUUID()}`)
}

/** What a process names a directory that it leaves for others. */
export function leftDirectory(base: string): string {
  return join(base, `${host}~${NOBODY}~0~${crypto.randomUUID()}`)
}

/** Whether `directory` is a spool whose process is dead. */
export function isOrphan(directory: string): boolean {
  const [, itsHost, pid, born] = NAME.exec(basename(directory)) ?? []
  if (itsHost === undefined || pid === undefined || born === undefined) return false
  if (Number(pid) === NOBODY) return true
  if (itsHost !== host) return Date.now() - statSync(directory).mtimeMs > SILENCE
  return !isAlive(Number(pid), Number(born))
}

/** Process ids are used again, after a restart in a container even at once. */
function isAlive(pid: number, born: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = bornAt(pid)
  return now === undefined || born === 0 || now === born
}

/** Clock ticks from the machine's start to the process's; undefined where the system does not tell. */
function bornAt(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is a name, which may hold anything; the twenty-second is meant.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}
