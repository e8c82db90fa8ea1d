/**
 * The life of one exchange, top to bottom. The numbers are those of the hook table in `hooks.ts`.
 *
 * serve        1 onRequest · 2 authenticate · read the body · respond · on failure refuse · complete
 * respond      3 authorize · 4 transformRequest · 5 lookup · 6 admit · 7 beforeRoute · attempts · deliver
 * attempts     8 beforeAttempt · call the target · 9 onAttemptError · 10 afterAttempt
 * deliver      11 transformResponse or transformStream · 12 onResponse · 13 onStreamPart (in the relays)
 * refuse       14 onError · 12 onResponse
 * complete     15 onUsage · 16 onComplete
 */
import { callTarget, inForm, newAttempt } from './attempt.ts'
import type { Served } from './attempt.ts'
import type { Client } from './client.ts'
import { deliver } from './deliver.ts'
import { asGatewayError, ERRORS, GatewayError } from './errors.ts'
import type { Exchange, Reply } from './exchange.ts'
import { callHedged } from './hedge.ts'
import type { Kernel } from './kernel.ts'
import type { Attempt, Target } from './provider.ts'

/** However plugins decide, an exchange makes no more upstream calls than this. */
const MAX_ATTEMPTS = 20

/** Lets a request in: returns a reply that ends the exchange at once, or nothing. */
export type LetIn = (kernel: Kernel, exchange: Exchange, client: Client) => Promise<Reply | undefined>

/**
 * Serves one exchange. Settles when all is over; never rejects.
 * @param letIn differs for exchanges that the gateway makes itself, and for what is open to all
 */
export async function serve(
  kernel: Kernel,
  exchange: Exchange,
  client: Client,
  letIn: LetIn = fromOutside,
): Promise<void> {
  kernel.enter(exchange)
  try {
    const early = await letIn(kernel, exchange, client)
    if (early) await reply(kernel, exchange, client, early)
    else await respond(kernel, exchange, client)
  } catch (thrown) {
    await refuse(kernel, exchange, client, thrown)
  }
  await client.finished()
  await complete(kernel, exchange)
  kernel.leave(exchange)
}

/** For what is open to all: nobody is asked for a credential. */
export const fromAnybody: LetIn = async ({ hooks }, exchange) => hooks.onRequest.call(exchange)

async function fromOutside(kernel: Kernel, exchange: Exchange, client: Client): Promise<Reply | undefined> {
  const early = await kernel.hooks.onRequest.call(exchange)
  if (early) return early
  if (kernel.hooks.authenticate.used) await authenticate(kernel, exchange)
  await client.read(exchange)
  return undefined
}

async function authenticate({ hooks }: Kernel, exchange: Exchange): Promise<void> {
  const principal = await hooks.authenticate.call(exchange)
  if (!principal) {
    throw new GatewayError(
      'invalid_api_key',
      'The API key is missing or not valid. Send it as "Authorization: Bearer <key>".',
    )
  }
  exchange.principal = principal
}

async function respond(kernel: Kernel, exchange: Exchange, client: Client): Promise<void> {
  const { hooks } = kernel
  await hooks.authorize.call(exchange)
  if (client.answer) return reply(kernel, exchange, client, await client.answer(exchange, kernel.models))

  exchange.targets = kernel.targets(exchange)
  if (hooks.transformRequest.usedBy(exchange)) {
    const request = exchange.request
    const changed = await hooks.transformRequest.call(request, exchange)
    if (changed !== request) {
      exchange.request = changed
      exchange.transformed = true
    }
  }

  const isLookedUp = hooks.lookup.usedBy(exchange)
  const answer = isLookedUp ? await hooks.lookup.call(exchange) : undefined
  if (isLookedUp) exchange.cache = answer ? 'hit' : 'miss'
  if (answer) return deliver(kernel, exchange, client, inForm(exchange, { answer }))

  await hooks.admit.call(exchange)
  exchange.targets = await hooks.beforeRoute.call(exchange.targets, exchange)
  const served = await callTargets(kernel, exchange)
  const attempt = exchange.attempts.at(-1)!
  try {
    await deliver(kernel, exchange, client, served)
  } finally {
    endAttempt(attempt, exchange.error)
    void hooks.afterAttempt.call(attempt, exchange)
  }
}

/** Calls target after target until one answers. */
async function callTargets(kernel: Kernel, exchange: Exchange): Promise<Served> {
  const { hooks } = kernel
  for (let next = 0; ;) {
    const target = exchange.targets[next] // hooks may change the list as they learn
    if (!target)
      throw new GatewayError(
        'no_target_available',
        `No target of the model "${exchange.model}" can serve this request.`,
      )
    if (exchange.aborted) throw exchange.aborted
    const first = openAttempt(kernel, exchange, target)
    try {
      await hooks.beforeAttempt.call(first, exchange)
      if (first.hedgeAfter === undefined || exchange.raw) return await callTarget(kernel, exchange, first)
      return await callHedged(kernel, exchange, first, {
        next() {
          const other = exchange.attempts.length < MAX_ATTEMPTS ? exchange.targets[next + 1] : undefined
          if (!other || !kernel.registry.providers.has(other.provider)) return undefined
          next++
          return openAttempt(kernel, exchange, other)
        },
        end(attempt, error) {
          endAttempt(attempt, error)
          void hooks.afterAttempt.call(attempt, exchange)
        },
      })
    } catch (thrown) {
      const attempt = first.hedgeAfter === undefined ? first : exchange.attempts.at(-1)! // of two, the one that counts
      const error = asGatewayError(thrown)
      endAttempt(attempt, error)
      try {
        if (exchange.aborted) throw exchange.aborted
        const isLast = exchange.raw?.sent || exchange.attempts.length >= MAX_ATTEMPTS
        if (error.code === 'plugin_error' || isLast) throw error
        const verdict = (await hooks.onAttemptError.call(attempt, exchange)) ?? (error.retryable ? 'next' : 'fail')
        if (verdict === 'next') next++
        if (verdict === 'fail' || next >= exchange.targets.length) throw error
      } finally {
        void hooks.afterAttempt.call(attempt, exchange)
      }
    }
  }
}

function openAttempt(kernel: Kernel, exchange: Exchange, target: Target): Attempt {
  const attempt = newAttempt(kernel, exchange.attempts.length + 1, target)
  exchange.attempts.push(attempt)
  return attempt
}

function endAttempt(attempt: Attempt, error: GatewayError | undefined): void {
  attempt.endedAt = performance.now()
  attempt.error = error
  if (error?.upstream) attempt.status = error.upstream.status
}

/** Sends a reply that the gateway or a plugin wrote. */
async function reply({ hooks }: Kernel, exchange: Exchange, client: Client, reply: Reply): Promise<void> {
  exchange.reply = reply
  await hooks.onResponse.call(reply, exchange)
  client.send(exchange, reply)
}

/** Turns whatever went wrong into the client's error reply, if it is not too late for one. */
async function refuse(kernel: Kernel, exchange: Exchange, client: Client, thrown: unknown): Promise<void> {
  const error = asGatewayError(thrown)
  exchange.fail(error)
  if (client.started) return client.destroy(error)

  const written = error.reply ?? {
    status: error.status,
    headers: retryHeaders(error),
    body: exchange.dialect.encodeError(error, exchange.id),
  }
  // onResponse has had its turn if it was the one that failed.
  const isDecided = exchange.reply !== undefined
  try {
    exchange.reply = (await kernel.hooks.onError.call(error, exchange)) ?? written
    if (!isDecided) await kernel.hooks.onResponse.call(exchange.reply, exchange)
    client.send(exchange, exchange.reply, error)
  } catch (again) {
    const crash = asGatewayError(again)
    exchange.log.error(
      { plugin: crash.plugin, hook: crash.hook, err: crash.cause ?? crash },
      'a plugin failed while an error was answered',
    )
    exchange.reply = written
    client.send(exchange, written, error)
  }
}

function retryHeaders(error: GatewayError): { [name: string]: string } {
  return error.retryAfter === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfter)) }
}

async function complete({ hooks, wantsUsage }: Kernel, exchange: Exchange): Promise<void> {
  exchange.endedAt = performance.now()
  if (exchange.aborted?.code === 'client_closed') exchange.outcome = 'client_closed'
  else if (!exchange.error) exchange.outcome = 'ok'
  else exchange.outcome = ERRORS[exchange.error.code].fault === 'client' ? 'refused' : 'failed'

  if (wantsUsage && exchange.answered) {
    try {
      exchange.usage = await hooks.onUsage.call(exchange.usage, exchange)
    } catch (thrown) {
      const error = asGatewayError(thrown)
      exchange.log.error(
        { plugin: error.plugin, hook: error.hook, err: error.cause ?? error },
        'a plugin failed on usage',
      )
    }
  }
  await hooks.onComplete.call(exchange)
}
