/** A client's body on its way to an upstream of another dialect, as the kernel sends it. */
import { GatewayError } from '@sluice/core'
import type { ChatRequest, JsonObject } from '@sluice/core'
import { CODECS } from '../../support/codecs.ts'
import type { DialectName } from '../../support/dialect-names.ts'
import { UPSTREAM_MODELS } from './models.ts'

/** The two dialects of a pair: the client's, and the upstream's. */
export interface Pair {
  client: DialectName
  upstream: DialectName
}

/** A parameter that the kernel lists in `x-sluice-dropped-params`. */
export interface Dropped {
  param: string
  why: string
}

/** The client's body, decoded; the kernel sets model and stream mode. */
export function received(body: JsonObject, { client, upstream }: Pair): ChatRequest {
  return { ...CODECS[client].decodeRequest(body), model: UPSTREAM_MODELS[upstream], stream: body.stream === true }
}

/** What goes to the upstream. @throws GatewayError where the kernel or a codec refuses */
export function sent(body: JsonObject, pair: Pair): { wire: JsonObject; dropped: Dropped[] } {
  const { client, upstream } = pair
  const { vital = [] } = CODECS[client]
  const dropped: Dropped[] = []
  const drop = (param: string, why: string): void => {
    if (vital.includes(param)) throw new GatewayError('invalid_request', `The target cannot take "${param}": ${why}.`)
    dropped.push({ param, why })
  }
  const wire = CODECS[upstream].encodeRequest(received(body, pair), { model: UPSTREAM_MODELS[upstream], drop })
  return { wire, dropped }
}

/** Undefined if the work ends in a refusal. */
export function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (GatewayError.is(error)) return undefined
    throw error
  }
}
