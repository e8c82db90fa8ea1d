import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import type { Transform } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { decompressor } from '../src/decompress.ts'

const PLAIN = 'data: ä€😀\n\n'.repeat(50)
const encodings: [name: string, whole: (text: string) => Buffer, stream: () => Transform][] = [
  ['gzip', gzipSync, () => createGzip({ flush: constants.Z_SYNC_FLUSH })],
  ['x-gzip', gzipSync, () => createGzip({ flush: constants.Z_SYNC_FLUSH })],
  ['deflate', deflateSync, () => createDeflate({ flush: constants.Z_SYNC_FLUSH })],
  ['br', brotliCompressSync, () => createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH })],
  ['zstd', zstdCompressSync, () => createZstdCompress({ flush: constants.ZSTD_e_flush })],
]

describe.each(encodings)('%s', (name, compress, stream) => {
  test('is undone', async () => {
    expect(await text(decompressor(name)!.end(compress(PLAIN)))).toBe(PLAIN)
  })

  test('is undone as the bytes come', async () => {
    const compressor = stream()
    const undone = decompressor(name)!
    compressor.pipe(undone)
    compressor.write('data: a\n\n')
    const [first] = (await once(undone, 'data')) as [Buffer]
    expect(first.toString()).toBe('data: a\n\n')
    compressor.destroy()
    undone.destroy()
  })

  test('that stops in the middle is an error', async () => {
    const bytes = compress(PLAIN)
    await expect(text(decompressor(name)!.end(bytes.subarray(0, bytes.length - 8)))).rejects.toThrow()
  })

  test('that is none is an error', async () => {
    await expect(text(decompressor(name)!.end('<html>Bad gateway</html>'))).rejects.toThrow()
  })
})

test.each([' GZIP ', 'Br', 'ZSTD'])('%j is read as a name', (name) => {
  const undone = decompressor(name)
  expect(undone).toBeDefined()
  undone?.destroy()
})

test.each(['identity', '', 'compress', 'gzip, br', '__proto__', 'constructor'])('%j is not undone', (name) => {
  expect(decompressor(name)).toBeUndefined()
})
