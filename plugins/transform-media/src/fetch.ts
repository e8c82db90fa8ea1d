/** Fetches one address: over connections of its own, to allowed IP addresses only, without following redirects. */
import { lookup } from 'node:dns'
import { get as getHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { AddressGuard } from './address.ts'
import { Refusal, shown } from './refusal.ts'

/** Bytes that may still be read, of those that were allowed; shared by all that is fetched for a request. */
export type Budget = { left: number; readonly size: number }
/** `type`: the content type as it was sent, '' if there was none. */
export type Fetched = { bytes: Buffer; type: string }

const HEADERS = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'sluice' }

/**
 * The guard is asked for the very addresses that are connected to, so that a name cannot change its meaning in
 * between.
 * @throws Refusal for what the server or the operator does not give; another error if the connection fails
 */
export async function fetchBytes(
  url: URL,
  isAllowed: AddressGuard,
  budget: Budget,
  signal: AbortSignal,
): Promise<Fetched> {
  const response = await open(url, isAllowed, signal)
  try {
    checkHead(response, url)
    const bytes = await read(response, budget)
    return { bytes, type: response.headers['content-type'] ?? '' }
  } finally {
    response.destroy()
  }
}

function open(url: URL, isAllowed: AddressGuard, signal: AbortSignal): Promise<IncomingMessage> {
  // An address written as such is never looked up.
  if (isIP(url.hostname) !== 0 && !isAllowed(url.hostname)) throw notPublic()
  const get = url.protocol === 'https:' ? getHttps : getHttp
  const { hostname, port, pathname, search } = url
  const options = { hostname, port, path: pathname + search, headers: HEADERS, agent: false, signal } as const
  return new Promise((resolve, reject) => {
    const request = get({ ...options, lookup: guardedLookup(isAllowed) }, (response) => {
      response.on('error', () => {}) // whoever reads it is told
      resolve(response)
    })
    request.on('error', reject)
  })
}

function guardedLookup(isAllowed: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family)
      const addresses = typeof found === 'string' ? [found] : found.map(({ address }) => address)
      callback(addresses.every(isAllowed) ? null : notPublic(), found, family)
    })
  }
}

function notPublic(): Refusal {
  return new Refusal('its host has an address that is not public')
}

function checkHead({ statusCode = 0, headers }: IncomingMessage, url: URL): void {
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    const target = URL.parse(headers.location, url)?.href ?? headers.location
    throw new Refusal(`it redirects to "${shown(target)}", and redirects are not followed`)
  }
  if (statusCode !== 200) throw new Refusal(`its server answered with status ${statusCode}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new Refusal('its server sent it compressed without being asked to')
}

async function read(response: IncomingMessage, budget: Budget): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > budget.left) throw tooLarge(budget)
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) {
    budget.left -= chunk.length
    if (budget.left < 0) throw tooLarge(budget)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge({ size }: Budget): Refusal {
  return new Refusal(`the media of a request may have ${size} bytes together, and these are more`)
}
