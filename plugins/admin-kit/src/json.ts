/** The body of an operator's request. JSON.parse takes the last of two fields of one name, and says nothing. */
import { describe, GatewayError, invalidRequest } from '@sluice/core'
import type { Exchange, JsonObject } from '@sluice/core'

/** Bytes of a body, and levels of its nesting, at most. */
const SIZE = 1024 ** 2
const DEPTH = 32
/** Of text that is known to be JSON: its strings, its brackets, and the colons behind names. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/** The body as an object, `{}` if there is none. @throws GatewayError `invalid_request`, `request_too_large` */
export function readJson({ body, headers }: Exchange): JsonObject {
  if (body.length === 0) return {}
  if (body.length > SIZE) throw new GatewayError('request_too_large', `The body is larger than ${SIZE} bytes.`)
  const type = headers['content-type'] ?? ''
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type))
    throw invalidRequest('The body must be JSON: send it with "content-type: application/json".')
  const text = body.toString()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalidRequest(`The body is not valid JSON: ${describe(error)}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidRequest('The body must be a JSON object.')
  refuseOddities(text)
  return value as JsonObject
}

type Level = { names: Set<string> | undefined; name: string }

/** Refuses what two readers of the same text may understand in two ways, or a database not at all. */
function refuseOddities(text: string): void {
  const levels: Level[] = []
  let last = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      levels.push({ names: token === '{' ? new Set() : undefined, name: '' })
      if (levels.length > DEPTH) throw invalidRequest('The body is nested too deeply.')
    } else if (token === '}' || token === ']') levels.pop()
    else if (token === ':') noteName(levels, last)
    else last = textOf(token)
  }
}

function textOf(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  const text = JSON.parse(token) as string
  if (text.includes('\0') || !text.isWellFormed())
    throw invalidRequest('The body holds a text with a NUL character or half a surrogate pair.')
  return text
}

function noteName(levels: readonly Level[], name: string): void {
  const level = levels.at(-1)!
  const isAgain = level.names!.has(name)
  level.names!.add(name)
  level.name = name
  if (!isAgain && name !== '__proto__') return
  const at = levels.map((each) => each.name).filter(Boolean)
  throw invalidRequest(`"${name}" ${isAgain ? 'is given twice' : 'is no name of a field'}.`, at.join('.'))
}
