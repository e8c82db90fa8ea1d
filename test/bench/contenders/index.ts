/** Who is measured, how each is started, and what a request to it needs. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Wire } from '../wires.ts'
import { guarded } from './guarded.ts'
import { nginxCommand } from './nginx.ts'

export interface Contender {
  /** The command that serves on `port`; undefined for the upstream itself. */
  command?(port: number, upstream: string): string[]
  /** Headers that a request must carry besides the usual. */
  headers?(upstream: string, target: Wire): { [name: string]: string }
  /** Whether it can answer a client of one dialect from an upstream of another. */
  translates: boolean
  /** Whether upstream's bytes must reach the client as they are. */
  verbatim: boolean
  /** Why it cannot run here; undefined if it can. */
  missing?(): string | undefined
}

const script = (name: string) => [process.execPath, new URL(`${name}.ts`, import.meta.url).pathname]
const bare = (name: string): Contender => ({ command: () => script(name), translates: false, verbatim: true })
const gateway = (name: string): Contender => ({ command: () => script(name), translates: true, verbatim: true })

export const CONTENDERS: { readonly [name: string]: Contender } = {
  direct: { translates: false, verbatim: true },
  node: bare('node'),
  koa: bare('koa'),
  sluice: gateway('sluice'),
  'sluice-wires': gateway('sluice-wires'),
  'sluice-all': gateway('sluice-all'),
  'sluice-guarded': guarded(100),
  'sluice-guarded-100k': guarded(100_000),
  'sluice-guarded-redis': guarded(100, true),
  nginx: {
    command: nginxCommand,
    translates: false,
    verbatim: true,
    missing: () => (spawnSync('nginx', ['-v']).status === 0 ? undefined : 'nginx is not installed'),
  },
  portkey: {
    command: (port) => [
      process.execPath,
      '--import',
      new URL('portkey-headers.ts', import.meta.url).href,
      createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js'),
      '--headless',
      `--port=${port}`,
    ],
    headers: (upstream, target) => ({
      'x-portkey-provider': target.split('-')[0] ?? '',
      'x-portkey-custom-host': `${upstream}/v1`,
    }),
    translates: true,
    verbatim: false,
  },
}
