/** `@sluice/route-rules`: rules that say where requests go, and names of models: aliases, versions, variants. */
import { Audit } from '@sluice/admin-kit'
import { definePlugin, GatewayError, Type } from '@sluice/core'
import type { ModelSource } from '@sluice/core'
import { compileRules } from '@sluice/limit-kit'
import { TargetStats } from '@sluice/route-kit'
import { Store } from '@sluice/store-kit'
import { Prices } from '@sluice/usage-kit'
import { Aliases } from './aliases.ts'
import { explainName } from './explain-name.ts'
import { checkAttempt, screen } from './guards.ts'
import { NameSource } from './name-source.ts'
import { Names } from './names.ts'
import { Options } from './options.ts'
import { PreferenceRouter, onUntakenParameter } from './preference-router.ts'
import { VARIANTS } from './preferences.ts'
import { isWritten, noteField, takeField } from './provider-field.ts'
import { References } from './references.ts'
import { compileRule } from './rule.ts'
import { RuleRouter } from './rule-router.ts'
import { StoredRules } from './stored-rules.ts'
import { TimeZones } from './time-window.ts'
import { compileRewrite, problemsOf } from './version-paths.ts'
import { Versions, writeVersion } from './versions.ts'

/** Chooses targets in `beforeRoute`, before all who order them. */
export const rules = definePlugin({
  name: 'route-rules',
  version: '0.1.0',
  api: 1,
  uses: [Store, Audit, Prices, TargetStats],
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ id, options, hooks, find, findTargets, addModels, addRewrite, router, log, onClose }) {
    const { aliases: written = {}, versionPaths, preferences = true } = options
    const zones = new TimeZones()
    const configured = compileRules(options.rules ?? [], (rule) => compileRule(rule, 0, zones))
    const versions = new Versions(options.versions ?? {}, [...VARIANTS.keys()])

    const store = find(Store)
    const admin = store && { router, store, audit: find(Audit) }
    const stored = admin && new StoredRules(admin, zones)
    onClose(() => stored?.close())
    const ruleRouter = new RuleRouter({ id, configured, stored: stored && (() => stored.rules), findTargets })

    let names: Names | undefined
    let source: ModelSource | undefined
    addModels({ find: (name, exchange) => source?.find(name, exchange), list: () => source?.list?.() ?? [] })
    if (versionPaths) addRewrite(compileRewrite(versionPaths))

    // When all others know their models.
    hooks.ready.tap({ name: 'names', stage: 'last' }, async (gateway) => {
      names = new Names(gateway)
      const aliases = new Aliases(written, (name) => names!.addresses(name))
      const references = new References(names, aliases, versions)
      const problems = [...references.problemsOf(written), ...(versionPaths ? problemsOf(versionPaths) : [])]
      for (const rule of problems.length > 0 ? [] : configured) {
        const problem = references.problemOf(rule)
        if (problem !== undefined) problems.push(`rules[${rule.name}].then: ${problem}`)
      }
      if (problems.length > 0) throw misconfigured(id, problems)
      source = new NameSource({ aliases, versions, names, variants: preferences, findTargets })
      if (admin) await stored?.open(admin, references, log)
    })

    const vendorOf = (provider: string): string | undefined => names?.vendorOf(provider)
    const clients = new PreferenceRouter({ id, vendorOf, prices: find(Prices), stats: find(TargetStats) })
    if (preferences) {
      hooks.authorize.tap('provider-field', noteField)
      hooks.transformRequest.tap({ name: 'provider-field', stage: 'first', when: isWritten }, (request, exchange) =>
        takeField(request, exchange, vendorOf),
      )
      hooks.onAttemptError.tap({ name: 'preferences', stage: 'last' }, onUntakenParameter)
    }
    hooks.beforeRoute.tap({ name: 'rules', stage: 'first' }, (targets, exchange) => {
      explainName(exchange, id)
      return clients.route(ruleRouter.route(targets, exchange), exchange)
    })
    hooks.beforeRoute.tap({ name: 'requirements', stage: 'last' }, (targets, exchange) =>
      clients.settle(screen(targets, exchange, id), exchange),
    )
    hooks.beforeAttempt.tap({ name: 'requirements', stage: 'first' }, checkAttempt)
    if (options.versions) hooks.onResponse.tap('version', writeVersion)
  },
})

function misconfigured(id: string, problems: readonly string[]): GatewayError {
  const texts = problems.map((problem) => `plugins[${id}].${problem}`)
  const title = `The config has ${texts.length === 1 ? '1 problem' : `${texts.length} problems`}:`
  return new GatewayError('plugin_options', [title, ...texts].join('\n  - '), { problems: texts })
}
