/** The packages of this repository, as their files say. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { definePlugin } from '@sluice/core'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

type Factory = ReturnType<typeof definePlugin>
export type Manifest = { name: string; version: string; [field: string]: unknown }

export class Package {
  /** Relative to the root, e.g. `plugins/log-access`. */
  readonly path: string
  readonly root: string

  constructor(path: string, root = ROOT) {
    this.path = path
    this.root = root
  }

  /** Last part of the path. */
  get name(): string {
    return this.path.split('/').at(-1)!
  }

  /** Kits are libraries that plugins are made with; everything else beside core is a plugin. */
  get isKit(): boolean {
    return this.path.endsWith('-kit')
  }

  has(file: string): boolean {
    return existsSync(join(this.root, this.path, file))
  }

  read(file: string): string {
    return readFileSync(join(this.root, this.path, file), 'utf8')
  }

  json(file: string): unknown {
    return JSON.parse(this.read(file))
  }

  get manifest(): Manifest {
    return this.json('package.json') as Manifest
  }

  /** Files that match, relative to the package; nothing built or installed. */
  files(pattern: string): string[] {
    const found = globSync(pattern, { cwd: join(this.root, this.path), exclude: ['node_modules/**', 'dist/**'] })
    return found.sort()
  }

  /** The plugin factories that the package exports. */
  async factories(): Promise<Factory[]> {
    const exported = (await import(pathToFileURL(join(this.root, this.path, 'src/index.ts')).href)) as object
    return Object.values(exported).filter((value): value is Factory => {
      return typeof value === 'function' && 'definition' in value
    })
  }
}

export const CORE = new Package('core')
export const PLUGINS = readdirSync(join(ROOT, 'plugins'))
  .sort()
  .map((name) => new Package(`plugins/${name}`))
