/** Several credentials for one upstream: dealt out by weight, rested when the upstream refuses one. */
import { Type } from '@sluice/core'
import type { GatewayError, Static, WireProvider, WireReply, WireRequest } from '@sluice/core'
import { retryAfter } from '@sluice/dialect-kit'

/** Milliseconds that a credential rests: refused as such; out of quota, if the upstream does not say for how long; at most. */
const REST = { refused: 300_000, exhausted: 10_000, longest: 3_600_000 }

const Key = Type.String({ minLength: 1 })
/** Schema of a provider's credential, or of several. */
export const ApiKey = Type.Union(
  [
    Key,
    Type.Array(
      Type.Union([
        Key,
        Type.Object(
          {
            key: Type.String({ minLength: 1, description: 'The credential.' }),
            weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'Its share of the requests.' })),
          },
          { additionalProperties: false },
        ),
      ]),
      { minItems: 1, maxItems: 100 },
    ),
  ],
  { description: 'Credential; or several, which share the requests by `weight` (`{ key, weight }`, 1 if not given).' },
)

type Made = { provider: WireProvider; close: () => Promise<void> }
type Member = Made & { weight: number; restsUntil: number }

/**
 * One provider of one or several credentials. What one credential is refused for (401, 403) or has no quota for
 * (429) is sent again at once with another one, each at most once; that credential then rests.
 * @param make a provider of one credential @param now milliseconds
 */
export function withApiKeys(
  apiKey: Static<typeof ApiKey>,
  make: (key: string) => Made,
  now: () => number = Date.now,
): Made {
  if (typeof apiKey === 'string') return make(apiKey)
  const members = apiKey.map((entry): Member => {
    const { key, weight = 1 } = typeof entry === 'string' ? { key: entry } : entry
    return { ...make(key), weight, restsUntil: 0 }
  })
  const close = async (): Promise<void> => void (await Promise.all(members.map((member) => member.close())))
  const send = (request: WireRequest): ReturnType<WireProvider['send']> => new RotatedCall(request, members, now)
  return { provider: { ...members[0]!.provider, send }, close }
}

class RotatedCall {
  readonly reply: Promise<WireReply>
  readonly #now: () => number
  #current: ReturnType<WireProvider['send']> | undefined
  #aborted: GatewayError | undefined

  constructor(request: WireRequest, members: readonly Member[], now: () => number) {
    this.#now = now
    this.reply = this.#send(request, members)
  }

  async #send(request: WireRequest, members: readonly Member[]): Promise<WireReply> {
    const untried = new Set(members)
    for (;;) {
      const member = chosen(untried, this.#now())
      untried.delete(member)
      this.#current = member.provider.send(request)
      const reply = await this.#current.reply
      const rest = restOf(reply)
      if (rest === undefined) return reply
      member.restsUntil = this.#now() + rest
      // A body that streams by is gone with the first call.
      const isSpent = untried.size === 0 || !Buffer.isBuffer(request.body) || request.raw?.socket !== undefined
      if (isSpent || this.#aborted) return reply
      reply.stream?.abort()
    }
  }

  abort(reason: GatewayError): void {
    this.#aborted = reason
    this.#current?.abort(reason)
  }
}

/** By weight, of those that do not rest; if all do, the one that is back first. */
function chosen(members: ReadonlySet<Member>, now: number): Member {
  const fit = [...members].filter(({ restsUntil }) => restsUntil <= now)
  if (fit.length === 0) return [...members].reduce((a, b) => (b.restsUntil < a.restsUntil ? b : a))
  let at = Math.random() * fit.reduce((sum, { weight }) => sum + weight, 0)
  return fit.find(({ weight }) => (at -= weight) < 0) ?? fit.at(-1)!
}

/** Milliseconds for which the reply means that its credential is not to be used; undefined if it says nothing of it. */
function restOf({ status, headers }: WireReply): number | undefined {
  if (status === 401 || status === 403) return REST.refused
  if (status !== 429) return undefined
  const seconds = retryAfter(headers)
  return seconds === undefined ? REST.exhausted : Math.min(seconds * 1000, REST.longest)
}
