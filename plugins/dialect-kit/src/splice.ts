/** Changes one top-level string of a JSON text and leaves every other byte as it came. */
import { invalidRequest } from '@sluice/core'

const QUOTE = 34
const ESCAPED_LETTER = Buffer.from('\\u00')
const COMMA = 44
const COLON = 58
const BACKSLASH = 92
const OPEN = new Set([123, 91])
const CLOSE = new Set([125, 93])

interface Range {
  start: number
  end: number
}

/**
 * @param json bytes that `JSON.parse` accepts, an object with the string field `key`
 * @returns the bytes with that field's value replaced
 * @throws GatewayError `invalid_request` if the key stands there more than once: readers differ in which one counts
 */
export function spliceString(json: Buffer, key: string, value: string): Buffer {
  const [range] = topLevelValues(json, key, 1)
  if (!range || isRepeated(json, key)) throw invalidRequest(`"${key}" must stand in the body exactly once.`, key)
  return Buffer.concat([json.subarray(0, range.start), Buffer.from(JSON.stringify(value)), json.subarray(range.end)])
}

/**
 * Whether a key may stand at the top level more than once. Cheap where it cannot: bodies that hold the
 * quoted key once and no escaped letters are not scanned.
 */
export function isRepeated(json: Buffer, key: string): boolean {
  const quoted = Buffer.from(`"${key}"`)
  const first = json.indexOf(quoted)
  if (first !== -1 && json.indexOf(quoted, first + 1) === -1 && !json.includes(ESCAPED_LETTER)) return false
  return topLevelValues(json, key).length > 1
}

/** Where the values of the first `most` top-level fields named `key` stand. Strings are skipped by native search. */
function topLevelValues(json: Buffer, key: string, most = Number.POSITIVE_INFINITY): Range[] {
  const found: Range[] = []
  let depth = 0
  let name: string | undefined
  let start = -1
  for (let at = 0; at < json.length && found.length < most; at++) {
    const byte = json[at]!
    if (byte === QUOTE) {
      const end = stringEnd(json, at)
      // At the top level a string is a name unless a name's colon stands before it.
      if (depth === 1 && start === -1) name = JSON.parse(json.toString('utf8', at, end)) as string
      at = end - 1
    } else if (byte === COLON && depth === 1) start = at + 1
    else if ((byte === COMMA && depth === 1) || (CLOSE.has(byte) && depth-- === 1)) {
      if (name === key && start !== -1) found.push(trimmed(json, start, at))
      start = -1
    } else if (OPEN.has(byte)) depth++
  }
  return found
}

/** Index behind the closing quote of the string that opens at `at`. */
function stringEnd(json: Buffer, at: number): number {
  for (let quote = json.indexOf(QUOTE, at + 1); quote !== -1; quote = json.indexOf(QUOTE, quote + 1)) {
    let slashes = 0
    while (json[quote - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote + 1
  }
  return json.length
}

function trimmed(json: Buffer, start: number, end: number): Range {
  let from = start
  let to = end
  while (json[from]! <= 32) from++
  while (json[to - 1]! <= 32) to--
  return { start: from, end: to }
}
