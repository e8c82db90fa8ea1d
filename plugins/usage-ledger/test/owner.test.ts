import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { isOrphan, leftDirectory, ownDirectory } from '../src/owner.ts'

/** A name as this process gives, but of another. */
const directoryOf = (pid: number, born: string): string =>
  join('/spool', basename(ownDirectory('/spool')).replace(/~\d+~\d+~/, `~${pid}~${born}~`))
const fieldsOf = (pid: number): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')

describe('a spool is an orphan', () => {
  test('not while its process lives', () => {
    expect(isOrphan(ownDirectory('/spool'))).toBe(false)
  })

  test('when its process has left it', () => {
    expect(isOrphan(leftDirectory('/spool'))).toBe(true)
  })

  test('when its process is gone', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    expect(isOrphan(directoryOf(child.pid!, '1'))).toBe(true)
  })

  test.runIf(process.platform === 'linux')('when another process has its id now', () => {
    expect(isOrphan(directoryOf(process.pid, '1'))).toBe(true)
  })

  test.runIf(process.platform === 'linux')('when its process has ended, and nobody has taken notice', async () => {
    // The shell becomes a program that does not care for the child that the shell had.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    await expect.poll(() => fieldsOf(Number(line))[0]).toBe('Z')
    expect(isOrphan(directoryOf(Number(line), fieldsOf(Number(line))[19]!))).toBe(true)
    parent.kill()
  })
})
