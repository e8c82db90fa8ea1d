/** The contenders that keep keys, limits and a ledger: how they are started, and with which key they are asked. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CORES } from '../process.ts'
import type { Contender } from './index.ts'

const SCRIPT = new URL('sluice-guarded.ts', import.meta.url).pathname
const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** @param keys how many there are @param redis whether limits are counted there */
export function guarded(keys: number, redis = false): Contender {
  const file = join(tmpdir(), `sluice-bench-${process.pid}-${keys}-${redis}.key`)
  const gateway = `exec env KEYS=${keys} KEY_FILE=${file}`
  return {
    command: (port) => {
      if (!redis) return ['sh', '-c', `${gateway} ${process.execPath} ${SCRIPT}`]
      // A daemon is no child: its processor time is its own.
      const server = `redis-server --port ${port + 11} --save '' --daemonize yes --pidfile ${file}.pid >/dev/null`
      const ready = `until redis-cli -p ${port + 11} ping >/dev/null 2>&1; do sleep 0.05; done`
      const place = `REDIS_URL=redis://127.0.0.1:${port + 11} REDIS_PID=${file}.pid`
      return [
        'sh',
        '-c',
        `taskset -c ${CORES.harness} ${server}; ${ready}; ${gateway} ${place} ${process.execPath} ${SCRIPT}`,
      ]
    },
    headers: () => ({ authorization: `Bearer ${keyIn(file)}` }),
    translates: true,
    verbatim: true,
    ...(redis && { missing: () => (hasRedis() ? undefined : 'redis-server is not installed') }),
  }
}

function keyIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // it has not been made yet
  }
}
