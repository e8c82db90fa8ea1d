import { basicPermissions } from '@sluice/auth-kit'
import { globs } from '@sluice/core'
import type { ClientCertificate, Principal } from '@sluice/core'
import { alternativeNames } from './alternative-names.ts'
import type { Client, Field } from './options.ts'

/** Names and ids: no control characters, and no longer than anybody needs. */
const WORD = /^[^\p{Cc}]{1,256}$/u

/** An entry of the options, compiled: the principal of a certificate that it fits. */
export type Rule = (shown: Shown) => Principal | undefined

/** What a certificate says, in the form in which rules look at it. */
export interface Shown {
  /** Lower-case hex. */
  fingerprint: string
  /** Values of each field, with the alternative names by their kinds. */
  fields: ReadonlyMap<string, readonly string[]>
  names: readonly string[]
}

export function read({ subject, subjectaltname = '', fingerprint256 }: ClientCertificate): Shown {
  const names = alternativeNames(subjectaltname)
  const fields = new Map(Object.entries(subject).map(([field, value]) => [field, [value ?? []].flat()]))
  for (const name of names) {
    const colon = name.indexOf(':')
    const kind = name.slice(0, colon)
    fields.set(kind, [...(fields.get(kind) ?? []), name.slice(colon + 1)])
  }
  return { fingerprint: plain(fingerprint256), fields, names }
}

/** @param id of the plugin instance */
export function ruleOf(client: Client, id: string): Rule {
  const { fingerprints, subject = {}, san, from = {}, roles = [], tags = [], ...fixed } = client
  const known = fingerprints && new Set(fingerprints.map(plain))
  const isName = san === undefined ? undefined : globs([san])
  const wanted = new Map(Object.entries(subject).map(([field, pattern]) => [field, globs([pattern])]))
  const permissions = basicPermissions(roles)
  const fits = ({ fingerprint, fields, names }: Shown): boolean =>
    known?.has(fingerprint) !== false &&
    wanted.entries().every(([field, isWanted]) => fields.get(field)?.some(isWanted)) &&
    (!isName || names.some(isName))
  /** Of several values, one of those that make the entry fit. */
  const wordOf = ({ fields }: Shown, given: string | undefined, field: Field | undefined): string | undefined => {
    if (given !== undefined || field === undefined) return given
    const words = fields.get(field)?.filter((value) => WORD.test(value)) ?? []
    return words.find((value) => wanted.get(field)?.(value) ?? isName?.(`${field}:${value}`)) ?? words[0]
  }

  return (shown) => {
    if (!fits(shown)) return undefined
    const name = wordOf(shown, fixed.name, from.name ?? 'CN') ?? shown.fingerprint
    const user = wordOf(shown, fixed.user, from.user)
    const team = wordOf(shown, fixed.team, from.team)
    const organisation = wordOf(shown, fixed.organisation, from.organisation)
    return {
      id: `${id}:${user ?? name}`,
      name,
      ...(user !== undefined && { user }),
      ...(team !== undefined && { team }),
      ...(organisation !== undefined && { organisation }),
      tags,
      roles,
      permissions,
      scopes: user === undefined ? [] : [{ kind: 'user', id: user, sections: {} }],
      metadata: { fingerprint: shown.fingerprint },
    }
  }
}

const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()
