import { basicPermissions, invalidCredential } from '@sluice/auth-kit'
import { checkValue, GatewayError } from '@sluice/core'
import type { JsonObject, Principal } from '@sluice/core'
import { BudgetSection, LimitsSection } from '@sluice/limit-kit'
import type { Options } from './options.ts'

const SECTIONS = { limits: LimitsSection, budget: BudgetSection }
/** Names and ids: no control characters, and no longer than anybody needs. */
const WORD = /^[^\p{Cc}]{1,256}$/u
const MOST_WORDS = 100

type Reader = (claims: JsonObject) => unknown

/** Makes what turns the claims of a good token into its principal. @param id of the plugin instance */
export function claimsReader(
  { issuer, claims: paths = {}, roleMap, defaultRole }: Options,
  id: string,
): (claims: JsonObject) => Principal {
  const at = (path: string | undefined): Reader => (path === undefined ? () => undefined : claimAt(path))
  const [team, organisation, roles, tags] = [paths.team, paths.organisation, paths.roles, paths.tags].map(at) as [
    Reader,
    Reader,
    Reader,
    Reader,
  ]
  const subjectOf = first(paths.subject === undefined ? ['sub', 'client_id'] : [paths.subject])
  const nameOf = at(paths.name ?? 'name')
  const userOf = paths.user === undefined ? subjectOf : claimAt(paths.user)
  const sections = Object.entries(SECTIONS).map(([name, schema]) => {
    return { name, schema, read: at(paths[name as keyof typeof SECTIONS]) }
  })
  const rolesOf = (claims: JsonObject): readonly string[] => {
    const given = wordsOf(roles(claims))
    const mapped = roleMap ? given.flatMap((role) => (Object.hasOwn(roleMap, role) ? roleMap[role]! : [])) : given
    return mapped.length === 0 && defaultRole !== undefined ? [defaultRole] : [...new Set(mapped)]
  }
  const limitsOf = (claims: JsonObject): { [section: string]: unknown } =>
    Object.fromEntries(
      sections.flatMap(({ name, schema, read }) => {
        const value = read(claims)
        if (value === undefined || value === null) return []
        const [mistake] = checkValue(schema, value)
        if (!mistake) return [[name, value]]
        throw new GatewayError(
          'permission_denied',
          `The ${name} in the access token cannot be understood: ${mistake.text}`,
        )
      }),
    )

  return (claims) => {
    const subject = wordOf(subjectOf(claims))
    if (subject === undefined) throw invalidCredential()
    const user = wordOf(userOf(claims))
    const granted = rolesOf(claims)
    const limits = limitsOf(claims)
    return {
      id: `${id}:${subject}`,
      name: wordOf(nameOf(claims)) ?? subject,
      ...named('user', user),
      ...named('team', wordOf(team(claims))),
      ...named('organisation', wordOf(organisation(claims))),
      tags: wordsOf(tags(claims)),
      roles: granted,
      permissions: basicPermissions(granted),
      scopes: user === undefined ? [] : [{ kind: 'user', id: user, sections: limits }],
      metadata: { issuer },
    }
  }
}

/** A claim by its name, or by a path of names with dots between them. */
function claimAt(path: string): Reader {
  const steps = path.split('.')
  return (claims) => {
    if (Object.hasOwn(claims, path)) return claims[path]
    let value: unknown = claims
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
      value = (value as JsonObject)[step]
    }
    return value
  }
}

function first(paths: readonly string[]): Reader {
  const readers = paths.map(claimAt)
  return (claims) => readers.map((read) => read(claims)).find((value) => value !== undefined)
}

function wordOf(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value
  return typeof text === 'string' && WORD.test(text) ? text : undefined
}

/** A list, or a text like that of `scope` (RFC 6749, section 3.3). */
function wordsOf(value: unknown): string[] {
  const list: unknown[] = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []
  return list.slice(0, MOST_WORDS).flatMap((each) => wordOf(each) ?? [])
}

function named<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: string }
}
