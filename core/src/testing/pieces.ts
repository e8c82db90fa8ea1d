/** Sends bytes in pieces of a chosen size, each in a network write of its own. */
import type { ServerResponse } from 'node:http'

export interface Pieces {
  /** Bytes a piece, `'frame'` for one event a piece, or the positions to cut at. Default: one piece. */
  chunk?: number | 'frame' | readonly number[]
  /** Milliseconds between two pieces. Default 0: only a turn of the event loop. */
  delayMs?: number
}

/** `bytes` cut up; empty pieces are left out. */
export function pieces(stream: string | Buffer, chunk?: Pieces['chunk']): Buffer[] {
  const bytes = toBuffer(stream)
  const cuts = [0, ...cutPositions(bytes, chunk), bytes.length]
  return cuts.slice(1).flatMap((to, index) => {
    const from = cuts[index] as number
    return to > from ? [bytes.subarray(from, to)] : []
  })
}

export function toBuffer(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes
}

/** Sends them one by one and resolves when the last one is on its way or the peer is gone. */
export async function sendPieces(response: ServerResponse, parts: readonly Buffer[], delayMs = 0): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index > 0) await pause(response, delayMs)
    if (!(await send(response, part))) return
  }
}

/** Writes and waits until the operating system has the bytes; false if the peer is gone. */
export function send(response: ServerResponse, bytes: string | Buffer): Promise<boolean> {
  if (response.destroyed || bytes.length === 0) return Promise.resolve(!response.destroyed)
  return new Promise((resolve) => {
    response.write(bytes, (error) => resolve(!error))
  })
}

/** Waits, but not for a peer that is gone. */
export function pause(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms === 0) return setImmediate(resolve)
    const done = (): void => {
      clearTimeout(timer)
      response.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    response.once('close', done)
  })
}

function cutPositions(bytes: Buffer, chunk: Pieces['chunk']): readonly number[] {
  if (chunk === undefined) return []
  if (typeof chunk === 'number')
    return Array.from({ length: Math.ceil(bytes.length / chunk) - 1 }, (_, index) => (index + 1) * chunk)
  if (chunk !== 'frame') return chunk
  // latin1 keeps positions in bytes.
  return Array.from(bytes.toString('latin1').matchAll(/\r\n\r\n|\n\n|\r\r/g), (blank) => blank.index + blank[0].length)
}
