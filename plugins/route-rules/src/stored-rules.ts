/** Rules that operators keep in the Store, below `/admin/v1/rules`. */
import { adminResource } from '@sluice/admin-kit'
import type { AdminContext } from '@sluice/admin-kit'
import { GatewayError, invalidRequest } from '@sluice/core'
import type { Logger } from '@sluice/core'
import { RuleBook } from '@sluice/limit-kit'
import type { References } from './references.ts'
import { compileRule } from './rule.ts'
import type { CompiledRule } from './rule.ts'
import { StoredRule } from './rule-schema.ts'
import type { TimeZones } from './time-window.ts'

const COLLECTION = 'rules'
const MOST_RULES = 2_000
const MOST_CHARACTERS = 20_000
const POSITION = 1_000

export class StoredRules {
  readonly #zones: TimeZones
  #references: References | undefined
  #book: RuleBook<CompiledRule | undefined> | undefined
  #all: readonly (CompiledRule | undefined)[] = []
  #enabled: readonly CompiledRule[] = []

  constructor(admin: AdminContext, zones: TimeZones) {
    this.#zones = zones
    adminResource(admin, {
      name: COLLECTION,
      title: 'rule',
      idPrefix: 'rule_',
      permissions: 'routing',
      schema: StoredRule,
      beforeWrite: (rule, _call, current) => {
        if (!current && (this.#book?.rules.length ?? 0) >= MOST_RULES)
          throw new GatewayError('conflict', `There are ${MOST_RULES} rules already, which is the most.`)
        if (JSON.stringify(rule).length > MOST_CHARACTERS)
          throw invalidRequest(`A rule may have ${MOST_CHARACTERS} characters at most. Make several of it.`)
        this.#compile(rule)
        return rule
      },
    })
  }

  /** Reads the rules, when it is known what they may name. Rejects if they cannot be read. */
  async open({ store }: AdminContext, references: References, log: Logger): Promise<void> {
    this.#references = references
    const compile = ({ value }: { value: object }): CompiledRule | undefined => this.#compile(value as StoredRule)
    this.#book = await RuleBook.open({ store, collection: COLLECTION, schema: StoredRule, log, compile })
  }

  close(): void {
    this.#book?.close()
  }

  /** Those that are in force; another list after every change. */
  get rules(): readonly CompiledRule[] {
    const all = this.#book?.rules ?? this.#all
    if (all !== this.#all) {
      this.#all = all
      this.#enabled = all.filter((rule) => rule !== undefined)
    }
    return this.#enabled
  }

  /** @throws GatewayError `invalid_request` that says what is wrong, also of a rule that is not in force */
  #compile({ position = POSITION, enabled = true, ...rule }: StoredRule): CompiledRule | undefined {
    const compiled = compileRule(rule, position, this.#zones)
    const problem = this.#references?.problemOf(compiled)
    if (problem !== undefined) throw invalidRequest(`The rule "${rule.name}": ${problem}`, 'then')
    return enabled ? compiled : undefined
  }
}
