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
const own = `${host}~${process.pid}~${look(process.pid)?.born ?? 0}`

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
  const now = look(pid)
  return now === undefined || (!now.isDead && (born === 0 || now.born === born))
}

/**
 * What the system tells of a process, if it does: clock ticks from the machine's start to the process's, and whether
 * it has ended and only waits for its parent to notice (a container without an init may never do).
 */
function look(pid: number): { born: number; isDead: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // proc(5): the second field is a name, which may hold anything; the third is the state, the twenty-second the birth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { born: Number(fields[19]), isDead: fields[0] === 'Z' || fields[0] === 'X' }
  } catch {
    return undefined
  }
}
