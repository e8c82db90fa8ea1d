/** Where a request goes: `/passthrough/{provider}/…` is the provider's base URL and what stands behind it. */
import { GatewayError, invalidRequest } from '@sluice/core'
import type { RawRequest, RawRoute } from '@sluice/core'
import { readable } from './readable.ts'

/** @throws GatewayError `permission_denied` for a provider that is not listed, `invalid_request` for a path that could lead out */
export function locate({ path, params, search }: RawRequest, providers: readonly string[] | undefined): RawRoute {
  const { provider = '' } = params
  if (providers && !providers.includes(provider)) {
    throw new GatewayError('permission_denied', `Nothing is passed through to "${provider}". Ask the operator.`)
  }
  // What stands before the first slash of a model's name is the provider: one in here would be another model.
  if (provider.includes('/')) throw invalidRequest('The name of a provider holds no slash.')
  const below = path.slice(path.split('/', 3).join('/').length)
  checkPath(below)
  return { model: `${provider}/passthrough`, path: below + withoutKey(search), ...readable(below) }
}

/** Upstreams decode a path once, proxies in front of them perhaps again. */
const ROUNDS = 8
/** `.` and `..`, also with what some servers cut off behind them. */
const DOTS = /^\.{1,2}\s*(;|$)/
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\0-\x1f\x7f]/

/** Refuses what climbs, however it is encoded. An encoded slash alone is part of many a name. */
function checkPath(path: string): void {
  let text = path
  for (let round = 0; round < ROUNDS; round++) {
    if (CONTROLS.test(text) || text.split(/[/\\]/).some((segment) => DOTS.test(segment))) break
    const decoded = decode(text)
    if (decoded === text) return
    if (decoded === undefined) break
    text = decoded
  }
  throw invalidRequest(
    'The path must be plain: no "." or ".." in it, no control characters, and percent-encoded UTF-8.',
  )
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The query without `key`, in which clients may send the gateway's credential. All else stays as it was written. */
function withoutKey(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => !new URLSearchParams(pair).has('key'))
  return kept.join('') === '' ? '' : `?${kept.join('&')}`
}
