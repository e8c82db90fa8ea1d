import { bytes, milliseconds } from '@sluice/core'
import type { Exchange, SetupContext } from '@sluice/core'
import type { AddressGuard } from './address.ts'
import { Fetcher } from './fetcher.ts'
import { hostMatcher } from './hosts.ts'
import { addressedIn, withSources } from './parts.ts'

export interface MediaOptions {
  hosts: string[]
  dialects?: string[]
  maxSize?: string | number
  timeout?: string | number
  maxParts?: number
}
type Context = Pick<SetupContext<MediaOptions, Record<never, never>>, 'hooks' | 'options'>

/** @param isAllowed whether an IP address may be connected to */
export function setUp({ options, hooks }: Context, isAllowed: AddressGuard): void {
  const fetcher = new Fetcher({
    isHost: hostMatcher(options.hosts),
    isAllowed,
    size: bytes(options.maxSize ?? '10mb'),
    timeout: milliseconds(options.timeout ?? '10s'),
    parts: options.maxParts ?? 16,
  })
  const dialects = new Set(options.dialects ?? ['bedrock'])
  /** Ids of the providers that take only bytes. */
  const wanting = new Set<string>()

  hooks.ready.tap('providers', (gateway) => {
    for (const { id, dialect } of gateway.inspect().providers)
      if (dialect !== undefined && dialects.has(dialect)) wanting.add(id)
  })
  const mayNeedBytes = ({ operation, targets }: Exchange): boolean =>
    (operation === 'chat' || operation === 'count-tokens') && targets.some(({ provider }) => wanting.has(provider))
  hooks.transformRequest.tap({ name: 'fetch', stage: 'late', when: mayNeedBytes }, async (request, exchange) => {
    if (!('messages' in request)) return undefined
    const parts = addressedIn(request.messages)
    if (parts.length === 0) return undefined
    const sources = await fetcher.fetch(parts, exchange.signal)
    return { ...request, messages: withSources(request.messages, sources) }
  })
}
