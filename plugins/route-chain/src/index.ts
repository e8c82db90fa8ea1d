/** `@sluice/route-chain`: models that are made of steps. */
import { definePlugin, GatewayError, invalidRequest, Type } from '@sluice/core'
import type { Exchange } from '@sluice/core'
import { why } from '@sluice/route-kit'
import { consistsOf, stepsOf } from '@sluice/usage-kit'
import { checkModels } from './models.ts'
import { compileChains } from './compile.ts'
import { Options } from './options.ts'
import { Run } from './run.ts'
import { ENDED, NO_USAGE, Spending } from './spending.ts'

/** Adds the models, and the provider that answers as them. */
export const chains = definePlugin({
  name: 'route-chain',
  version: '0.1.0',
  api: 1,
  id: 'chain',
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  setup({ id, options, hooks, gateway, addModels, addProvider }) {
    const all = compileChains(options.chains)
    const created = Math.floor(Date.now() / 1000)
    addModels({
      find(name, exchange) {
        const chain = all.get(name)
        if (!chain) return undefined
        why(exchange)?.note(id, `"${name}" is a chain of ${[...chain.steps.keys()].join(', ')}`)
        return [{ provider: id, model: name }]
      },
      list: () => [...all.keys()].map((name) => ({ name, owners: [id], created })),
    })
    addProvider({
      kind: 'local',
      vendor: 'sluice',
      asksOthers: true,
      // Each chain's own limit comes first, and says more.
      timeouts: { total: Math.max(0, ...[...all.values()].map(({ timeout }) => timeout)) + 1000 },
      answer(request, { exchange, signal }) {
        const chain = all.get(request.model)
        if (!chain)
          throw new GatewayError('model_not_found', `There is no chain "${request.model}".`, { param: 'model' })
        if (request.operation !== 'chat') throw invalidRequest(`A chain does not offer ${request.operation}.`, 'model')
        const spending = new Spending()
        consistsOf(exchange, spending)
        return new Run(chain, request, { gateway, exchange, signal, spending }).answer()
      },
    })

    hooks.ready.tap('models', (current) => checkModels(all, id, current))
    const isCounted = (exchange: Exchange): boolean => exchange.get(ENDED) !== undefined
    hooks.onComplete.tap({ name: 'step', when: isCounted }, (exchange) => exchange.get(ENDED)!(exchange))
    // What the steps used is counted with the steps.
    const hasSteps = (exchange: Exchange): boolean => stepsOf(exchange) !== undefined
    hooks.onUsage.tap({ name: 'steps', stage: 'first', when: hasSteps }, () => NO_USAGE)
  },
})
