/** `when` of a rule, compiled. */
import { globs } from '@sluice/core'
import { compileMatch } from '@sluice/limit-kit'
import type { Facts } from './facts.ts'
import type { When } from './rule-schema.ts'
import { compileShare } from './share.ts'
import { compileText } from './text-test.ts'
import type { TextPattern } from './text-test.ts'
import type { TimeZones } from './time-window.ts'

/** `name` is the option that says it. */
export type Condition = { readonly name: string; readonly holds: (facts: Facts) => boolean }

const CALLER = ['operations', 'keys', 'users', 'teams', 'organisations', 'tags', 'roles'] as const

/**
 * All but `models`, those first that cost least.
 * @param salt tells its share of requests from those of others @throws GatewayError `invalid_request`
 */
export function compileConditions(when: When, salt: string, zones: TimeZones): readonly Condition[] {
  const { headers = {}, metadata = {}, requestMetadata = {}, minTokens, maxTokens, languages, windows } = when
  const conditions: Condition[] = []
  const add = (name: string, holds: Condition['holds']): void => void conditions.push({ name, holds })

  for (const name of CALLER) {
    const list = when[name]
    if (!list) continue
    const matches = compileMatch({ [name]: list })
    add(name, ({ exchange }) => matches(exchange))
  }
  for (const [name, pattern] of Object.entries(headers)) {
    const fits = compileText(pattern)
    const header = name.toLowerCase()
    add(`headers.${name}`, ({ exchange }) => fits(exchange.headers[header]))
  }
  addFields('metadata', metadata, ({ exchange }) => exchange.principal.metadata)
  if (windows) {
    const tests = windows.map((window) => zones.compile(window))
    add('windows', ({ now }) => tests.some((isWithin) => isWithin(now)))
  }
  if (when.percentage !== undefined) {
    const isIn = compileShare(when.percentage, salt)
    add('percentage', ({ exchange }) => isIn(exchange))
  }
  addFields('requestMetadata', requestMetadata, (facts) => facts.metadata)
  if (minTokens !== undefined) add('minTokens', ({ tokens }) => tokens >= minTokens)
  if (maxTokens !== undefined) add('maxTokens', ({ tokens }) => tokens <= maxTokens)
  if (languages) {
    const wanted = new Set(languages)
    add('languages', ({ language }) => wanted.has(language))
  }
  return conditions

  function addFields(
    option: string,
    patterns: { readonly [field: string]: TextPattern },
    of: (facts: Facts) => object | undefined,
  ): void {
    for (const [field, pattern] of Object.entries(patterns)) {
      const fits = compileText(pattern)
      add(`${option}.${field}`, (facts) => fits(own(of(facts), field)))
    }
  }
}

/** Whether `models` names the exchange's model, as it was written or without what stands behind its name. */
export function compileModels(models: readonly string[] | undefined): ((facts: Facts) => boolean) | undefined {
  if (!models) return undefined
  const fits = globs(models)
  return ({ model, bareModel }) => fits(model) || (bareModel !== model && fits(bareModel))
}

function own(object: object | undefined, field: string): unknown {
  return object && Object.hasOwn(object, field) ? (object as { [field: string]: unknown })[field] : undefined
}
