import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

const flush = { flush: constants.Z_SYNC_FLUSH }
const decompressors: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip(flush)],
  ['x-gzip', () => createGunzip(flush)],
  ['deflate', () => createInflate(flush)],
  ['br', () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH })],
  ['zstd', () => createZstdDecompress()],
])

/** What undoes a content-encoding as bytes come; undefined for `identity` and what nobody asked for. */
export function decompressor(encoding: string): Transform | undefined {
  return decompressors.get(encoding.trim().toLowerCase())?.()
}
