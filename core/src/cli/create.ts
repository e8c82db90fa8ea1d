/** `sluice create plugin` */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { GatewayError } from '../errors.ts'
import { shown } from './explain-import.ts'
import { say } from './report.ts'
import { templateFiles } from './template/index.ts'

/** What a plugin may be: the first word of its name. */
const KINDS =
  'dialect provider auth access limit cache transform guard route log metrics telemetry usage alert store secrets admin mcp'.split(
    ' ',
  )

/** For commander: checks the name of a plugin. */
export function pluginName(name: string): string {
  const [kind = '', rest] = name.split('-')
  if (!/^[a-z]+(-[a-z0-9]+)*$/.test(name) || rest === undefined) {
    throw new InvalidArgumentError('It is a kind and a name, in small letters: limit-rate.')
  }
  if (!KINDS.includes(kind)) throw new InvalidArgumentError(`Its first word is one of ${KINDS.join(', ')}.`)
  return name
}

/** @throws GatewayError if something is already there */
export function createPlugin(name: string, { dir }: { dir?: string }): void {
  const root = checkoutAround(process.cwd())
  const folder = resolve(dir ?? (root ? join(root, 'plugins', name) : name))
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new GatewayError('config_invalid', `${shown(folder)} is not empty. Name another folder with --dir.`)
  }
  const inCheckout = root !== undefined && dirname(folder) === join(root, 'plugins')
  const files = templateFiles({ name, inCheckout, coreVersion: coreVersion() })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  say(
    `Wrote ${shown(folder)}:\n${Object.keys(files)
      .map((path) => `  ${path}`)
      .join('\n')}`,
  )
  if (inCheckout) addReference(root, `plugins/${name}`)
  const test = inCheckout
    ? `pnpm install && pnpm vitest run --config test/vitest.config.ts plugins/${name}`
    : `cd ${shown(folder)} && npm install && npm test`
  say(`Next: ${test}`)
}

/** The checkout of Sluice that holds `folder`, if one does. */
function checkoutAround(folder: string): string | undefined {
  if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(join(folder, 'core/src/cli'))) return folder
  return dirname(folder) === folder ? undefined : checkoutAround(dirname(folder))
}

/** The type check of a checkout covers what its tsconfig.json lists. */
function addReference(root: string, path: string): void {
  const file = join(root, 'tsconfig.json')
  const config = JSON.parse(readFileSync(file, 'utf8')) as { references: { path: string }[] }
  const paths = new Set([...config.references.map((reference) => reference.path), path])
  const references = Array.from(paths, (each) => `{ "path": "${each}" }`)
  const line = references.join(', ')
  const list = line.length <= 100 ? `[${line}]` : `[\n    ${references.join(',\n    ')}\n  ]`
  writeFileSync(file, `{\n  "files": [],\n  "references": ${list}\n}\n`)
}

function coreVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
