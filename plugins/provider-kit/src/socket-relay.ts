/** The client's way to an upstream over an open WebSocket. */
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** Milliseconds of silence after which an upstream that is given up need not take what the client said last. */
const LINGER = 500

/**
 * Passes all that the client sends on to the upstream, at its pace, until one of them has ended.
 * @param onPiece called for each piece
 * @returns what holds back the other direction, and what closes the connection
 */
export function relayTo(
  upstream: Socket,
  client: Readable,
  onPiece: () => void,
): { pause(): void; resume(): void; abort(): void } {
  const abort = (): void => {
    client.off('data', onPiece)
    // At once: to let go of a client later would be to stop it in the middle of its farewell.
    client.unpipe(upstream)
    upstream.setTimeout(LINGER, () => upstream.destroy()).destroySoon()
  }
  upstream.once('end', abort)
  client.once('close', abort)
  client.on('data', onPiece).pipe(upstream)
  return { pause: () => void upstream.pause(), resume: () => void upstream.resume(), abort }
}
