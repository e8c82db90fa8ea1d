/** Which requests a rule is for. */
import { globs, Type } from '@sluice/core'
import type { Exchange, Static } from '@sluice/core'

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description }))

/** All that is given must hold; of each list, one. */
export const Match = Type.Object(
  {
    models: names('Models as clients name them; `*` stands for any run of characters.'),
    operations: names('Operations, e.g. `chat`, `embeddings`.'),
    keys: names('Ids of keys.'),
    users: names('Ids of users.'),
    teams: names('Ids of teams.'),
    organisations: names('Ids of organisations.'),
    tags: names('Tags of the caller, of which it has one.'),
    roles: names('Roles of the caller, of which it has one.'),
  },
  { additionalProperties: false, description: 'Requests that it is for; without it, all.' },
)
export type Match = Static<typeof Match>

export type Matcher = (exchange: Exchange) => boolean

/** Model names come from clients: no more verdicts than this are remembered. */
const REMEMBERED = 1000

/** @returns a test that looks things up and never searches; true for all without `match` */
export function compileMatch(match: Match = {}): Matcher {
  const { models, operations, keys, users, teams, organisations, tags, roles } = match
  const tests: Matcher[] = []
  const one = (list: readonly string[] | undefined, of: (exchange: Exchange) => string | undefined): void => {
    if (!list) return
    const set = new Set(list)
    tests.push((exchange) => {
      const value = of(exchange)
      return value !== undefined && set.has(value)
    })
  }
  const some = (
    list: readonly string[] | undefined,
    of: (exchange: Exchange) => readonly string[] | undefined,
  ): void => {
    if (!list) return
    const set = new Set(list)
    tests.push((exchange) => of(exchange)?.some((value) => set.has(value)) ?? false)
  }
  one(operations, ({ operation }) => operation)
  one(keys, ({ principal }) => principal.key)
  one(users, ({ principal }) => principal.user)
  one(teams, ({ principal }) => principal.team)
  one(organisations, ({ principal }) => principal.organisation)
  some(tags, ({ principal }) => principal.tags)
  some(roles, ({ principal }) => principal.roles)
  if (models) tests.push(modelTest(models))
  return (exchange) => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(exchange)) return false
    return true
  }
}

function modelTest(patterns: readonly string[]): Matcher {
  const fits = globs(patterns)
  const verdicts = new Map<string, boolean>()
  return ({ model }) => {
    const known = verdicts.get(model)
    if (known !== undefined) return known
    const verdict = model !== '' && fits(model)
    if (verdicts.size < REMEMBERED) verdicts.set(model, verdict)
    return verdict
  }
}
