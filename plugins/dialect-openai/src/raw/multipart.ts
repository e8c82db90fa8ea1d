/**
 * Finds a text field in a form (`multipart/form-data`, RFC 7578) without reading the files in it. Strict, as
 * readers of forms differ: whatever one of them could take for another field, or another form, is refused.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { invalidRequest } from '@sluice/core'

const CRLF = Buffer.from('\r\n')
const BLANK_LINE = Buffer.from('\r\n\r\n')
/** No client sends as many parts, or headers as long. */
const MAX_PARTS = 1024
const MAX_HEADERS = 8192

/** Where the value of a field stands. */
export type Field = { start: number; end: number }

/** What separates the parts. Throws `invalid_request` if the body is no form. */
export function boundaryOf(headers: IncomingHttpHeaders): Buffer {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  const [first, another] = [...type.matchAll(/;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))/gi)]
  const boundary = another ? undefined : (first?.[1] ?? first?.[2])
  if (boundary === undefined || !/^multipart\/form-data\s*;/i.test(type))
    throw invalidRequest('The body must be a form: multipart/form-data with one boundary.')
  if (encoding !== 'identity') throw invalidRequest('A form must not be compressed.')
  return Buffer.from(`--${boundary}`, 'latin1')
}

/** The fields called `name` in a whole form. Throws `invalid_request` if it is not well-formed. */
export function fieldsIn(body: Buffer, boundary: Buffer, name: string): Field[] {
  const found: Field[] = []
  let at = body.indexOf(boundary)
  for (let parts = 0; parts < MAX_PARTS; parts++) {
    if (at === -1 || (at > 0 && !endsLine(body, at))) throw malformed('a part has no end')
    const start = at + boundary.length
    if (body.toString('latin1', start, start + 2) === '--') {
      if (body.includes(boundary, start)) throw malformed('it goes on behind its end')
      return found
    }
    if (!body.subarray(start, start + 2).equals(CRLF)) throw malformed('a boundary does not end its line')
    const blank = body.subarray(start, start + MAX_HEADERS).indexOf(BLANK_LINE)
    if (blank === -1) throw malformed('a part has no headers')
    // The line end of the boundary may be the first half of the blank line.
    const headers = body.toString('latin1', start, start + blank)
    const value = start + blank + BLANK_LINE.length
    at = body.indexOf(boundary, value - CRLF.length)
    if (nameIn(headers) === name) found.push({ start: value, end: at - CRLF.length })
  }
  throw malformed(`it has more than ${MAX_PARTS} parts`)
}

function endsLine(body: Buffer, at: number): boolean {
  return body[at - 2] === CRLF[0] && body[at - 1] === CRLF[1]
}

/** The name of a part. */
function nameIn(headers: string): string | undefined {
  const lines = headers.split('\r\n').filter((line) => /^content-disposition\s*:/i.test(line))
  if (lines.length !== 1) throw malformed('a part must say once what it is')
  const names = [...lines[0]!.matchAll(/;\s*name(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/gi)]
  const [first, another] = names
  if (first === undefined || another !== undefined || first[1] !== undefined)
    throw malformed('a part must have one name, in ASCII or quoted UTF-8')
  return first[2] ?? first[3]
}

function malformed(what: string): Error {
  return invalidRequest(`The form cannot be read: ${what}.`)
}

/** The form with another value in place of a field's. */
export function withValue(body: Buffer, { start, end }: Field, value: string): Buffer {
  return Buffer.concat([body.subarray(0, start), Buffer.from(value), body.subarray(end)])
}

/** The form with one more field in front. */
export function withField(body: Buffer, boundary: Buffer, name: string, value: string): Buffer {
  const at = body.indexOf(boundary)
  const part = `\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  return Buffer.concat([body.subarray(0, at), boundary, Buffer.from(part), body.subarray(at)])
}
