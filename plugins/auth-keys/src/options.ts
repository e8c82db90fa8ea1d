import { Duration, Type } from '@sluice/core'

export const Options = Type.Object({
  adminKey: Type.Optional(
    Type.Unsafe<string>({
      type: 'string',
      // Visible ASCII without commas, as headers carry it; '' is what an unset variable gives.
      pattern: String.raw`^([!-+\--~]{16,4096})?$`,
      examples: ['sixteen or more visible characters without spaces and commas'],
      description: 'A key that may do everything and stands in no store. At least 16 characters; empty for none.',
    }),
  ),
  pepper: Type.Optional(
    Type.String({
      minLength: 16,
      description: 'Secret under which keys are hashed. Default: the one in `pepperFile`.',
    }),
  ),
  pepperFile: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'File with that secret, which is made on the first start. Default: `pepper` in `server.data`.',
    }),
  ),
  firstKeys: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'Whether the first start makes an admin key (without `adminKey`) and a client key, and shows them.',
    }),
  ),
  storeTimeout: Type.Optional(Duration('Time that a call of the store may take.', '2s')),
  loadTimeout: Type.Optional(
    Duration('How long a start waits for all keys to be read. What is missing then is read when it is used.', '10s'),
  ),
  refreshInterval: Type.Optional(Duration('Time between two full readings of the keys, beside news of changes.', '5m')),
})
