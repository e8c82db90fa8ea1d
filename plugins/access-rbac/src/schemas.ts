/** What may be written of roles, users, teams and organisations. */
import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { BudgetSection, LimitsSection } from '@sluice/limit-kit'
import { PERMISSION } from './grants.ts'

const closed = { additionalProperties: false }
const Glob = Type.String({ minLength: 1, maxLength: 256 })
const Id = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 128, description }))

/** Fields of a role, in the config and in the Store. */
export const ROLE = {
  description: Type.Optional(Type.String({ maxLength: 1000, description: 'For people.' })),
  permissions: Type.Optional(
    Type.Array(Type.String({ pattern: PERMISSION, examples: ['keys:read', '*:read', 'model:gpt-*'] }), {
      maxItems: 200,
      description: '`*`, `<resource>:read` or `:write`, `operation:<name>`, `model:<name>`.',
    }),
  ),
  models: Type.Optional(
    Type.Array(Glob, { maxItems: 200, description: 'Models it may use; `*` matches any run of characters.' }),
  ),
  operations: Type.Optional(
    Type.Array(Glob, { maxItems: 50, description: 'Operations it may ask of models; likewise.' }),
  ),
}
export const RoleName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  examples: ['auditor'],
  description: 'Name.',
})
export const Role = Type.Object({ name: RoleName, ...ROLE }, closed)
export type Role = Static<typeof Role>

const UNIT = {
  id: Type.Optional(
    Type.String({
      pattern: '^[\\w.@|:+-]{1,128}$',
      description: 'Chosen when it is made, as where an identity provider has a name for it; default: a new one.',
    }),
  ),
  name: Type.String({ minLength: 1, maxLength: 200, description: 'For people.' }),
  disabled: Type.Optional(Type.Boolean({ default: false, description: 'Whether it may do nothing for now.' })),
  limits: Type.Optional(LimitsSection),
  budget: Type.Optional(BudgetSection),
  models: Type.Optional(
    Type.Array(Glob, {
      maxItems: 200,
      description: 'The only models that may be used; `*` matches any run of characters.',
    }),
  ),
  operations: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
      maxItems: 50,
      description: 'The only operations that may be asked of models.',
    }),
  ),
  metadata: Type.Optional(
    Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
      maxProperties: 50,
      description: 'Whatever is worth noting.',
    }),
  ),
}
const organisation = Id('Id of the organisation that it belongs to.')

export const Organisation = Type.Object(UNIT, closed)
export type Organisation = Static<typeof Organisation>
export const Team = Type.Object({ ...UNIT, organisation, parent: Id('Id of the team above it.') }, closed)
export type Team = Static<typeof Team>
export const User = Type.Object(
  {
    ...UNIT,
    email: Type.Optional(Type.String({ minLength: 3, maxLength: 320, description: 'Address of the user.' })),
    organisation,
    team: Id('Id of the team that the user belongs to.'),
    roles: Type.Optional(
      Type.Array(RoleName, {
        maxItems: 50,
        description: 'Roles of the user, where neither a key nor an identity provider says any.',
      }),
    ),
  },
  closed,
)
export type User = Static<typeof User>
