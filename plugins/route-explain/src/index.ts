/** `@sluice/route-explain`: why a target was chosen, and what would happen to a request. */
import { Audit, mayReach } from '@sluice/admin-kit'
import { definePlugin, GatewayError } from '@sluice/core'
import type { Exchange, Gateway, Principal } from '@sluice/core'
import { EXPLANATION } from '@sluice/route-kit'
import { Store } from '@sluice/store-kit'
import { Prices } from '@sluice/usage-kit'
import { finish, forget, isDry, noteLimits, stop } from './dry-run.ts'
import { HEADER, headerOf, IGNORED } from './header.ts'
import { Notebook, NOTEBOOK } from './notebook.ts'
import { reportOf } from './report.ts'
import { mountExplain, PERMISSION } from './route.ts'

/** Answers the header `x-sluice-explain: 1`, and serves `POST /admin/v1/explain`. */
export const explain = definePlugin({
  name: 'route-explain',
  version: '0.1.0',
  api: 1,
  requires: [Store],
  uses: [Prices, Audit],
  setup({ id, hooks, get, find, router, gateway }) {
    const prices = find(Prices)

    hooks.ready.tap('when', (running) => checkWhen(running, id))
    hooks.onRequest.tap({ name: 'timings', stage: 'first', when: asks }, (exchange) => {
      exchange.timings = new Map()
    })
    hooks.authorize.tap({ name: 'begin', stage: 'early', when: asks }, begin)
    hooks.admit.tap({ name: 'candidates', stage: 'first', when: isExplained }, (exchange) => {
      exchange.get(NOTEBOOK)!.candidates = exchange.targets
    })
    hooks.onResponse.tap({ name: 'header', stage: 'last', when: asks }, (reply, exchange) => {
      const targets = exchange.attempts.length > 0 ? exchange.targets : []
      reply.headers[HEADER] = mayAsk(exchange.principal) ? headerOf(reportOf(exchange, targets, prices)) : IGNORED
    })

    hooks.beforeAttempt.tap({ name: 'stop', stage: 'first', when: isDry }, stop)
    hooks.afterAttempt.tap({ name: 'forget', stage: 'last', when: isDry }, forget)
    hooks.onResponse.tap({ name: 'limits', stage: 'last', when: isDry }, noteLimits)
    hooks.onComplete.tap({ name: 'finish', when: isDry }, finish)
    mountExplain({ router, store: get(Store), audit: find(Audit) }, gateway, id, prices)
  },
})

/** @throws GatewayError `plugin_options` if the instance is for some requests only: dry runs of others would not end */
function checkWhen(gateway: Gateway, id: string): void {
  const instance = gateway.inspect().plugins.find((plugin) => plugin.id === id)
  if (!instance?.when) return
  const text = `plugins[${id}].when: leave it out. Dry runs of requests that it is not for would ask a model.`
  throw new GatewayError('plugin_options', text, { problems: [text] })
}

/** A dry run is explained anyway, whatever headers it has been given. */
function asks(exchange: Exchange): boolean {
  const { headers, operation } = exchange
  return headers[HEADER] === '1' && operation !== 'operator' && operation !== 'models' && !isDry(exchange)
}

function isExplained(exchange: Exchange): boolean {
  return exchange.get(NOTEBOOK) !== undefined
}

/** By now it is known what the caller may do. */
function begin(exchange: Exchange): void {
  if (!mayAsk(exchange.principal)) {
    exchange.timings = undefined
    return
  }
  const notebook = new Notebook()
  exchange.set(NOTEBOOK, notebook)
  exchange.set(EXPLANATION, notebook)
}

function mayAsk(principal: Principal): boolean {
  const { permissions = [] } = principal
  const holds = permissions.includes('*') || permissions.includes(PERMISSION)
  return holds && mayReach(principal, PERMISSION, undefined)
}
