import { Duration, Size, Type } from '@sluice/core'

export const Options = Type.Object(
  {
    spool: Type.Optional(
      Type.String({
        description:
          'Directory for rows on their way to the journal. Processes may share it. Default: `spool` in `server.data`.',
      }),
    ),
    spoolLimit: Type.Optional(
      Size('Bytes that a process keeps there at most, while the journal is out of reach.', '256mb'),
    ),
    whenFull: Type.Optional(
      Type.Enum(['refuse', 'drop'], {
        default: 'refuse',
        description:
          'What happens then: new requests are refused (503 `overloaded`), or rows are written to the log and dropped.',
      }),
    ),
    interval: Type.Optional(Duration('Time in which rows are collected before they go to the journal.', '100ms')),
    ip: Type.Optional(Type.Boolean({ default: false, description: "Whether rows have the client's address." })),
    unauthenticated: Type.Optional(
      Type.Boolean({ default: true, description: 'Whether requests that were refused for their API key have a row.' }),
    ),
    metadata: Type.Optional(
      Type.Array(Type.String({ pattern: '^[\\w.-]{1,64}$' }), {
        description: "Fields of the principal's metadata that rows have, as `metadata.<field>`.",
        maxItems: 32,
      }),
    ),
  },
  { additionalProperties: false },
)
