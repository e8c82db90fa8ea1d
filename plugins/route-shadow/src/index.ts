/** `@sluice/route-shadow`: a sample of requests goes to a second target too, and is compared. */
import { Audit } from '@sluice/admin-kit'
import { definePlugin, milliseconds, Type } from '@sluice/core'
import type { Exchange, Gateway, Logger } from '@sluice/core'
import { SYSTEM_CLOCK } from '@sluice/route-kit'
import { Journal, Store } from '@sluice/store-kit'
import { Prices } from '@sluice/usage-kit'
import { CAPTURE } from './answer.ts'
import { Mirror, MIRROR } from './mirror.ts'
import { MEASURES, Options, ShadowSection } from './options.ts'
import { Plans } from './plan.ts'
import { prune } from './pruner.ts'
import { mountRecordings } from './recording-routes.ts'
import { RECORDINGS } from './recording.ts'
import { mountShadow } from './shadow-routes.ts'
import { ROWS, Shadow } from './shadow.ts'
import { Writer } from './writer.ts'

/** Copies requests when their clients have been served, and keeps how the answers compare. */
export const shadow = definePlugin({
  name: 'route-shadow',
  version: '0.1.0',
  api: 1,
  requires: [Journal, Store],
  uses: [Prices, Audit],
  countsUsage: true,
  // Made here, so that the published types name @sluice/core and nothing behind it.
  options: Type.Object(Options.properties, { additionalProperties: false }),
  modelOptions: { shadow: ShadowSection },
  setup({ id, options, hooks, get, find, router, gateway, log, modelOptions, onClose }) {
    const { principal: who, keep = '30d', ttl = '7d', ...defaults } = options
    const journal = get(Journal)
    const clock = SYSTEM_CLOCK
    const plans = new Plans(defaults, clock, id)
    const mirror = new Mirror(gateway, { roles: ['client'], ...who, id: who?.id ?? 'shadow' })
    const writer = new Writer(journal, log)
    const shadow = new Shadow({ plans, mirror, writer, clock, log })

    hooks.ready.tap('plans', () => {
      for (const { name } of gateway.models()) {
        const { shadow: section } = modelOptions(name)
        if (section) plans.add(name, section)
      }
      tellOfStrangers(gateway, plans, log)
      onClose(prune(journal, { [ROWS]: milliseconds(keep), [RECORDINGS]: milliseconds(ttl) }, log))
    })
    const concerns = (exchange: Exchange): boolean => plans.concern(exchange)
    hooks.admit.tap({ name: 'draw', stage: 'last', when: concerns }, (exchange) => shadow.draw(exchange))
    hooks.transformResponse.tap({ name: 'answer', stage: 'last', when: isDrawn }, (response, exchange) =>
      exchange.get(CAPTURE)?.take(response),
    )
    hooks.onStreamPart.tap({ name: 'answer', when: isDrawn }, (part, exchange) => exchange.get(CAPTURE)?.push(part))
    hooks.onComplete.tap({ name: 'copy', when: isDrawn }, (exchange) => shadow.finish(exchange))
    // The other taps of the hook begin in the same turn.
    hooks.onComplete.tap({ name: 'over', when: isMirror }, (exchange) => void setImmediate(exchange.get(MIRROR)!))
    onClose(() => {
      shadow.close()
      return writer.close()
    })

    const admin = { router, store: get(Store), audit: find(Audit) }
    const compare = new Set(MEASURES.filter((measure) => measure !== 'judge'))
    mountShadow(admin, journal)
    mountRecordings(admin, {
      journal,
      mirror,
      prices: find(Prices),
      terms: { compare, judge: undefined, keepTexts: false },
    })
  },
})

function isDrawn(exchange: Exchange): boolean {
  return exchange.get(CAPTURE) !== undefined
}

function isMirror(exchange: Exchange): boolean {
  return exchange.get(MIRROR) !== undefined
}

/** A name that nothing is known by yet may be that of a model that a plugin makes later. */
function tellOfStrangers(gateway: Gateway, { targets }: Plans, log: Logger): void {
  const models = new Set(gateway.models().map(({ name }) => name))
  const providers = new Set(gateway.inspect().providers.map(({ id }) => id))
  for (const target of targets) {
    const [provider = ''] = target.split('/', 1)
    if (!models.has(target) && !providers.has(provider))
      log.warn({ target }, 'copies are to go to what is neither a model nor at a provider of this gateway')
  }
}
