import { bytes, Duration, milliseconds, Size, Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import type { WriterSettings } from './writes.ts'

export const Options = Type.Object(
  {
    file: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The database file, made if it is not there. Default: `sluice.db` in `server.data`.',
      }),
    ),
    cacheSize: Type.Optional(Size('Room for cached answers. Those that end soonest leave first.', '256mb')),
    fileSize: Type.Optional(
      Size('Most that the file grows to, besides its write-ahead log. Beyond that, what must be kept is refused.'),
    ),
    queueSize: Type.Optional(Size('Memory for what waits to be written. What is beyond is refused.', '64mb')),
    flushInterval: Type.Optional(Duration('How often counters are written down.', '250ms')),
    synchronous: Type.Optional(
      Type.Enum(['normal', 'full'], {
        default: 'normal',
        description: 'With `full` every write also survives a loss of power, and takes as long as the disk does.',
      }),
    ),
  },
  { additionalProperties: false },
)

/** What may change while the gateway runs. Sizes are bytes, times milliseconds. */
export type Settings = WriterSettings & { queueSize: number; flushInterval: number }

export function settingsOf(options: Static<typeof Options>): Settings {
  return {
    cacheSize: bytes(options.cacheSize ?? '256mb'),
    fileSize: options.fileSize === undefined ? Infinity : bytes(options.fileSize),
    queueSize: bytes(options.queueSize ?? '64mb'),
    flushInterval: milliseconds(options.flushInterval ?? '250ms'),
    synchronous: options.synchronous ?? 'normal',
  }
}
