import { globs } from '@sluice/core'
import type { JsonObject, Scope } from '@sluice/core'

/** What the administration interface keeps of each, by the kind of scope. */
export type UnitKind = 'user' | 'team' | 'organisation'
export const COLLECTIONS = { organisation: 'organisations', team: 'teams', user: 'users' } as const

/** Models whose verdict is remembered: their names come from clients. */
const VERDICTS = 10_000

/** A user, a team or an organisation, as its record has it. */
export class Unit {
  readonly scope: Scope
  readonly isDisabled: boolean
  /** Of a team: the team above it. */
  readonly parent: string | undefined
  readonly team: string | undefined
  readonly organisation: string | undefined
  readonly roles: readonly string[]
  /** Whether it narrows what its members may ask of models. */
  readonly isNarrow: boolean
  readonly #operations: ReadonlySet<string> | undefined
  readonly #isModel: ((model: string) => boolean) | undefined
  readonly #verdicts = new Map<string, boolean>()

  constructor(kind: UnitKind, id: string, record: JsonObject) {
    const { limits, budget } = record
    const sections = { ...(limits !== undefined && { limits }), ...(budget !== undefined && { budget }) }
    this.scope = { kind, id, sections }
    this.isDisabled = record['disabled'] === true
    this.parent = textIn(record, 'parent')
    this.team = textIn(record, 'team')
    this.organisation = textIn(record, 'organisation')
    this.roles = textsIn(record, 'roles') ?? []
    const operations = textsIn(record, 'operations')
    const models = textsIn(record, 'models')
    this.#operations = operations && new Set(operations)
    this.#isModel = models && globs(models)
    this.isNarrow = operations !== undefined || models !== undefined
  }

  mayUse(operation: string, model: string): boolean {
    return this.#operations?.has(operation) !== false && this.seesModel(model)
  }

  seesModel(model: string): boolean {
    return !this.#isModel || (this.#verdicts.get(model) ?? this.#judge(this.#isModel, model))
  }

  #judge(isModel: (model: string) => boolean, model: string): boolean {
    const verdict = isModel(model)
    if (this.#verdicts.size >= VERDICTS) this.#verdicts.clear()
    this.#verdicts.set(model, verdict)
    return verdict
  }
}

function textIn(record: JsonObject, field: string): string | undefined {
  const value = record[field]
  return typeof value === 'string' ? value : undefined
}

function textsIn(record: JsonObject, field: string): readonly string[] | undefined {
  const value = record[field]
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined
}
