/** The toy dialect's streams: one part a line, as JSON. */
import type { StreamCodec, StreamReader } from '../../src/dialect.ts'
import { GatewayError } from '../../src/errors.ts'
import type { StreamPart } from '../../src/model.ts'

export type Fields = { [field: string]: unknown }

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const upstreamError = (what: string): GatewayError =>
  new GatewayError('upstream_error', `The upstream sent a wrong ${what}.`)

const LF = 10
const areAll = (type: string, ...values: unknown[]): boolean =>
  values.every((value) => value === undefined || typeof value === type)

export function toyPart(line: string): StreamPart {
  let part: unknown
  try {
    part = JSON.parse(line)
  } catch {}
  if (!isFields(part)) throw upstreamError('line')
  const { type, text, arguments: args, data, id, name, model, signature, kind, block, choice, created, finish } = part
  const right =
    typeof type === 'string' &&
    type !== 'error' &&
    areAll('string', text, args, data, id, name, model, signature, kind) &&
    areAll('number', block, choice, created) &&
    (type !== 'finish' || isFields(finish))
  if (!right) throw upstreamError('part')
  return part as StreamPart
}

export function toyCutter(): ReturnType<StreamCodec['cutter']> {
  let rest: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      const bytes = Buffer.concat([rest, chunk])
      const end = bytes.lastIndexOf(LF) + 1
      rest = bytes.subarray(end)
      return end === 0 ? undefined : bytes.subarray(0, end)
    },
    end: () => (rest.length === 0 ? undefined : rest),
  }
}

export function toyReader(): StreamReader {
  const cutter = toyCutter()
  let finished = false
  const read = (lines: Buffer | undefined, out: StreamPart[]): void => {
    for (const line of (lines ?? '').toString().split('\n')) {
      if (line === '') continue
      const part = toyPart(line)
      finished ||= part.type === 'finish'
      out.push(part)
    }
  }
  return {
    push: (chunk, out) => read(cutter.push(chunk), out),
    end(out) {
      read(cutter.end(), out)
      return finished
    },
  }
}

export const toyStream: StreamCodec = {
  contentType: 'application/x-toy',
  heartbeat: '\n',
  reader: toyReader,
  skimmer: () => ({ ...toyReader(), share: 1 }),
  writer: () => ({ push: (part) => `${JSON.stringify(part)}\n`, end: () => '' }),
  cutter: toyCutter,
  prober: () => (chunk) => (chunk.includes(LF) ? 'ok' : 'more'),
}
