import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { Rule } from './rule-schema.ts'
import { VersionPaths } from './version-paths.ts'
import { VersionSet } from './versions.ts'

export const Options = Type.Object(
  {
    rules: Type.Optional(
      Type.Array(Rule, {
        description: 'Asked in this order. The first that matches holds, unless it lets others follow.',
      }),
    ),
    aliases: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 256 }), {
        description: 'Name → what it stands for: a model, `provider/model`, or another alias. `*` is carried over.',
      }),
    ),
    versions: Type.Optional(
      Type.Record(Type.String(), VersionSet, {
        description:
          'Model → its versions by name, each a model, `provider/model` or an object, and the one that is `default`.',
      }),
    ),
    versionPaths: Type.Optional(VersionPaths),
    preferences: Type.Optional(
      Type.Boolean({
        default: true,
        description:
          'Whether clients may choose among targets: body field `provider`, and `:nitro` and `:floor` behind names.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Options = Static<typeof Options>
