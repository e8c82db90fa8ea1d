import { Duration, milliseconds, Type } from '@sluice/core'
import type { Static, Timeouts } from '@sluice/core'

/** Schema of the `timeouts` option that all providers share. */
export const TimeoutOptions = Type.Optional(
  Type.Object(
    {
      connect: Type.Optional(Duration('To connect, TLS included. Default 10s.')),
      firstByte: Type.Optional(Duration('Streams: until the first event. Default 120s.')),
      idle: Type.Optional(Duration('Streams: between two pieces. Default 120s.')),
      total: Type.Optional(Duration('The whole attempt. Default 600s.')),
    },
    { additionalProperties: false, description: 'Time limits of an upstream call.' },
  ),
)

/** The options in milliseconds. */
export function timeoutsOf(options: Static<typeof TimeoutOptions> = {}): Partial<Timeouts> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, milliseconds(value)]))
}
