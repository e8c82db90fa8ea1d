/**
 * Real provider traffic, recorded. The recordings are not part of this project: they are read from
 * `$SLUICE_FIXTURES`, or from a `shared/fixtures` folder beside the checkout, and tests that want them
 * run over an empty list where there are none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { JsonObject } from '../model.ts'
import { isObject } from './json.ts'
import type { UpstreamReply } from './mock-upstream.ts'
import { pieces, sendPieces } from './pieces.ts'
import type { Pieces } from './pieces.ts'

/** What a recording says of itself (`meta.json`). */
export interface RecordedMeta {
  case: string
  provider: string
  /** API it was made on: `chat.completions`, `messages`, `responses`, `generateContent`, `converse`, … */
  endpoint: string
  method: string
  url: string
  model: string
  /** What the case shows, e.g. `stream-tools`, and the family of that. */
  kind: string
  group: string
  http_status: number
  /** Whether a stream was asked for. */
  stream: boolean
  /** How close to the wire the bytes are: `raw`, `reserialized`, `normalized`, `reconstructed`, … */
  fidelity: string
  request_headers?: { [name: string]: string }
  response_headers?: { [name: string]: string }
  /** Size in bytes of each file of the case. */
  files: { [file: string]: number }
  notes: string[]
}

export interface RecordedCase {
  /** `provider/case`. */
  name: string
  meta: RecordedMeta
  /** Absent, like its bytes, where only the answer was recorded. */
  request?: JsonObject
  requestBytes?: Buffer
  /** The answer, if it is a JSON object. */
  response?: JsonObject
  /** The answer of whatever kind, if it is not a stream. */
  responseBytes?: Buffer
  /** The streamed answer as it came over the wire. */
  stream?: Buffer
  status: number
  /** As recorded, without those whose value the recorder blanked; there is always a content type. */
  headers: { [name: string]: string }
}

/** Within a list, one must match. */
export interface RecordedFilter {
  providers?: readonly string[]
  endpoints?: readonly string[]
  fidelity?: readonly string[]
}

/** The recordings that pass the filter, ordered by name; none, after one loud warning, where there are no fixtures. */
export function recordedCases(filter: RecordedFilter = {}): RecordedCase[] {
  const root = findRecordings()
  if (root === undefined) return []
  return folders(root).flatMap((provider) =>
    folders(join(root, provider)).flatMap((name) => {
      const folder = join(root, provider, name)
      const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as RecordedMeta
      return passes(meta, filter) ? [load(folder, `${provider}/${name}`, meta)] : []
    }),
  )
}

/** An upstream's reply with the recorded status, headers and bytes, a stream in the pieces asked for. */
export function replayCase({ headers, responseBytes, status, stream }: RecordedCase, cut: Pieces = {}): UpstreamReply {
  const kept = Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name))
  return async (_request, response) => {
    response.writeHead(status, Object.fromEntries(kept))
    await sendPieces(response, pieces(stream ?? responseBytes ?? '', cut.chunk), cut.delayMs)
    response.end()
  }
}

/** They speak of the recorded connection, or of a content encoding that the recorder undid. */
const HOP_HEADERS = new Set(['connection', 'content-encoding', 'content-length', 'date', 'transfer-encoding'])

function load(folder: string, name: string, meta: RecordedMeta): RecordedCase {
  const read = (file: string): Buffer | undefined =>
    meta.files[file] === undefined ? undefined : readFileSync(join(folder, file))
  const requestBytes = read('request.json')
  const json = read('response.json')
  const responseBytes = json ?? read('response.bin')
  // Where a binary stream was recorded, `stream.txt` is only its transcript.
  const binary = read('stream.bin')
  const stream = binary ?? read('stream.txt')
  const contentType = binary ? 'application/vnd.amazon.eventstream' : stream ? 'text/event-stream' : 'application/json'
  const request = objectIn(requestBytes)
  const response = objectIn(json)
  return {
    name,
    meta,
    ...(request && { request }),
    ...(requestBytes && { requestBytes }),
    ...(response && { response }),
    ...(responseBytes && { responseBytes }),
    ...(stream && { stream }),
    status: meta.http_status,
    headers: { 'content-type': contentType, ...unblanked(meta.response_headers) },
  }
}

/** Some recorded answers are JSON, but no objects. */
function objectIn(bytes: Buffer | undefined): JsonObject | undefined {
  const value: unknown = bytes && JSON.parse(bytes.toString())
  return isObject(value) ? value : undefined
}

function unblanked(headers: { [name: string]: string } = {}): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '**REDACTED**'))
}

function passes(meta: RecordedMeta, { providers, endpoints, fidelity }: RecordedFilter): boolean {
  return (
    (providers?.includes(meta.provider) ?? true) &&
    (endpoints?.includes(meta.endpoint) ?? true) &&
    (fidelity?.includes(meta.fidelity) ?? true)
  )
}

function folders(path: string): string[] {
  const entries = readdirSync(path, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
}

let warned = false

/** The folder of the recordings, if there is one. */
function findRecordings(): string | undefined {
  const given = process.env['SLUICE_FIXTURES']
  const candidates = given ? [given] : ancestors(import.meta.dirname).map((folder) => join(folder, 'shared/fixtures'))
  const found = candidates.map((folder) => join(folder, 'recorded')).find((folder) => existsSync(folder))
  if (found === undefined && !warned) {
    warned = true
    // oxlint-disable-next-line no-console -- a test that checks nothing must not look like one that passed
    console.warn(
      `NO RECORDED TRAFFIC: tests that replay it check nothing. Looked for "recorded" in ${given ?? 'shared/fixtures beside the checkout'}; SLUICE_FIXTURES names another folder.`,
    )
  }
  return found
}

/** `path` and the folders around it, innermost first. */
function ancestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [path, ...ancestors(parent)]
}
