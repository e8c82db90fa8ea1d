/** The command line of an operator's command: flags typed by their schemas. */
import type { JsonObject } from '../model.ts'
import { didYouMean } from '../options.ts'
import { valuesOf } from './admin-commands.ts'
import type { AdminCommand, Flag } from './admin-commands.ts'
import { pathOf, put, readJson, typed, typesOf } from './admin-values.ts'
import { UsageError } from './usage-error.ts'

/** Flags of all commands. */
export type Globals = { url: string; key: string | undefined; output: 'text' | 'json'; json?: string; help: boolean }
/** What a command sends. */
export type Arguments = {
  params: string[]
  query: [name: string, value: string][]
  headers: { [name: string]: string }
  body?: JsonObject
}

const VALUED = new Set(['--url', '--key', '--output', '--json'])

/** Takes the flags of all commands out, wherever they stand. */
export function splitGlobals(args: readonly string[], environment = process.env): { globals: Globals; rest: string[] } {
  const found: { [flag: string]: string } = {}
  const rest: string[] = []
  let help = false
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    const [flag, inline] = divide(word)
    if (word === '--help' || word === '-h') help = true
    else if (VALUED.has(flag)) found[flag] = inline ?? valueAfter(flag, args[++at])
    else rest.push(word)
  }
  const output = found['--output'] ?? 'text'
  if (output !== 'json' && output !== 'text') throw new UsageError(`--output is "json" or "text", not "${output}".`)
  const { SLUICE_URL: url = 'http://127.0.0.1:8080', SLUICE_ADMIN_KEY: key } = environment
  const globals = { url: found['--url'] ?? url, key: found['--key'] ?? key, output, help } as const
  const json = found['--json']
  return { globals: json === undefined ? globals : { ...globals, json }, rest }
}

/**
 * @param json the whole body, or `@file` with it; flags come on top
 * @throws UsageError
 */
export function readArguments(command: AdminCommand, words: readonly string[], json?: string): Arguments {
  const { params, flags, hasBody } = command
  const given: Arguments = { params: [], query: [], headers: {} }
  if (json !== undefined && !hasBody) throw new UsageError(`${nameOf(command)} takes no body, so no --json.`)
  const body = json === undefined ? {} : readJson(json)
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('--')) {
      given.params.push(word)
      continue
    }
    const [written, inline] = divide(word)
    if (written === '--unset' && command.method === 'patch') {
      put(body, pathOf(inline ?? valueAfter(written, words[++at])), null)
      continue
    }
    const { flag, name } = find(flags, written, command)
    const schema = name === flag.name ? flag.schema : valuesOf(flag.schema)!
    const types = typesOf(schema)
    const isSwitch = types.has('boolean') && types.size === 1
    const next = words[at + 1]
    if (written.startsWith('--no-') && isSwitch) set(given, body, flag, name, false)
    else if (isSwitch && inline === undefined && next !== 'true' && next !== 'false') set(given, body, flag, name, true)
    else set(given, body, flag, name, typed(inline ?? valueAfter(written, words[++at]), schema, written))
  }
  if (given.params.length < params.length)
    throw new UsageError(`${nameOf(command)} needs <${params[given.params.length]}>: ${usageOf(command)}`)
  if (given.params.length > params.length)
    throw new UsageError(`"${given.params[params.length]}" is one argument too many: ${usageOf(command)}`)
  return hasBody ? { ...given, body } : given
}

export function nameOf({ resource, verb }: AdminCommand): string {
  return `sluice ${resource} ${verb}`
}

export function usageOf(command: AdminCommand): string {
  return [nameOf(command), ...command.params.map((name) => `<${name}>`), '[flags]'].join(' ')
}

function divide(word: string): [name: string, value: string | undefined] {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function valueAfter(flag: string, next: string | undefined): string {
  if (next === undefined || next.startsWith('--')) throw new UsageError(`${flag} needs a value.`)
  return next
}

/** `--expires-at` is `expiresAt`. */
const plain = (name: string): string => name.toLowerCase().replaceAll('-', '')

/** The flag that is meant, and the name of the field: that of the flag, or below it in a map. */
function find(flags: readonly Flag[], written: string, command: AdminCommand): { flag: Flag; name: string } {
  const name = written.slice(2)
  const names = [name, ...(name.startsWith('no-') ? [name.slice(3)] : [])]
  const flag =
    flags.find((each) => names.includes(each.name)) ?? flags.find((each) => names.map(plain).includes(plain(each.name)))
  if (flag) return { flag, name: flag.name }
  const map = flags.find((each) => each.isMap && name.startsWith(`${each.name}.`))
  if (map) return { flag: map, name }
  const near = didYouMean(
    written,
    flags.map((each) => `--${each.name}`),
  )
  throw new UsageError(`${nameOf(command)} has no flag ${written}.${near} See: ${nameOf(command)} --help`)
}

function set(given: Arguments, body: JsonObject, { place, name: own }: Flag, name: string, value: unknown): void {
  if (place === 'query') given.query.push(...[value].flat().map((each): [string, string] => [own, String(each)]))
  else if (place === 'header')
    given.headers[own] = own === 'if-match' ? String(value).replace(/^\d+$/, '"$&"') : String(value)
  // What stands behind the dot in a map is one name, whatever it holds.
  else put(body, name === own ? pathOf(name) : [...pathOf(own), name.slice(own.length + 1)], value)
}
