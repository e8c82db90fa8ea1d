/** Why a config could not be imported, in words that name the place and the cure. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, GatewayError } from '../errors.ts'

/** A path as people write it: relative if that is shorter. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

/** What import() of the config at `path` threw, as an error for its author. */
export function explainImport(error: unknown, path: string): GatewayError {
  if (GatewayError.is(error)) return error
  const thrown: Partial<NodeJS.ErrnoException> = error instanceof Error ? error : {}
  const at = place(thrown) ?? shown(path)
  if (thrown.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    const cure =
      'Node only strips types: no enums, namespaces, parameter properties or decorators. Write objects and plain classes.'
    return invalid(`${at}: ${sentence(error)} ${cure}${excerpt(thrown)}`, error)
  }
  if (thrown.name === 'SyntaxError') return invalid(`${at}: ${sentence(error)}${excerpt(thrown)}`, error)
  return invalid(`${at}: the config failed while it was read: ${sentence(error)}`, error)
}

/** What the resolution of `specifier` threw, imported by the file at `parent`. */
export function explainMissing(error: unknown, specifier: string, parent: string): unknown {
  if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') return error
  const file = fileURLToPath(parent)
  const lines = readFileSync(file, 'utf8').split('\n')
  const line = lines.findIndex((text) => text.includes(`'${specifier}'`) || text.includes(`"${specifier}"`))
  const at = shown(file) + (line < 0 ? '' : `:${line + 1}`)
  if (specifier.startsWith('.')) {
    return invalid(`${at}: there is no file "${specifier}".${extensionCure(dirname(file), specifier)}`, error)
  }
  if (!describe(error).startsWith('Cannot find package')) return error
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  return invalid(`${at}: the package "${name}" is not installed. Install it, e.g.: npm install ${name}`, error)
}

function extensionCure(folder: string, specifier: string): string {
  const guesses = [`${specifier}.ts`, specifier.replace(/\.js$/, '.ts'), `${specifier}/index.ts`]
  const found = guesses.find((guess) => existsSync(resolve(folder, guess)))
  return found ? ` An import names the file with its extension: "${found}".` : ''
}

/** Where in the operator's own files it happened; else, for a mistake of syntax, in whose. */
function place({ stack = '' }: Partial<Error>): string | undefined {
  const [, url, line] = /(file:[^\s)]+)\?g=\d+:(\d+)/.exec(stack) ?? /^(file:\S+?):(\d+)/.exec(stack) ?? []
  return url && `${shown(fileURLToPath(url))}:${line}`
}

/** The lines of source that Node puts before the trace of a syntax error. */
function excerpt({ stack = '' }: Partial<Error>): string {
  const [head = '', ...lines] = stack.split('\n')
  const end = lines.findIndex((line) => /^\w*Error\b/.test(line))
  if (!head.startsWith('file:') || end < 0) return ''
  return `\n\n${lines.slice(0, end).join('\n').trimEnd().replace(/^/gm, '    ')}`
}

function sentence(error: unknown): string {
  const text = describe(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function invalid(message: string, cause: unknown): GatewayError {
  return new GatewayError('config_invalid', message, { cause })
}
