/** Files, uploads and batches: a provider holds them, and requests go to the one that does. */
import { invalidRequest } from '@sluice/core'
import type { JsonObject, RawCodec, RawRequest, RawRoute } from '@sluice/core'
import { isObject, tryParse } from '@sluice/dialect-kit'
import { mapIds, splitId, tagged } from './ids.ts'

/** Longest body that is read for the ids in it, in bytes. */
const MAX_BODY = 1024 * 1024

/**
 * @param what `files` or `batches`: what stands for a model's name where access and limits are decided
 * @param home the provider that is meant where nothing says another one; ids of its things are its own
 */
export function heldCodec(what: 'files' | 'batches', home: string): RawCodec {
  return {
    locate(request, head, whole) {
      const holdsIds = isJson(request)
      if (holdsIds && head.length > MAX_BODY) throw invalidRequest('The body is too long for what it can say.')
      if (holdsIds && !whole) return undefined
      return routeOf(request, holdsIds ? parse(head) : undefined, what, home)
    },
    reply: (body, provider) => (provider === home ? body : tagged(body, provider)),
  }
}

function isJson({ method, headers }: RawRequest): boolean {
  return method === 'POST' && /[/+]json\s*(?:;|$)/i.test(headers['content-type'] ?? '')
}

function parse(body: Buffer): JsonObject {
  const json = body.length === 0 ? {} : tryParse(body.toString())
  if (!isObject(json)) throw invalidRequest('The body must be a JSON object.')
  return json
}

function routeOf(request: RawRequest, body: JsonObject | undefined, what: string, home: string): RawRoute {
  const { path, search, headers, params } = request
  const query = new URLSearchParams(search)
  const owners = new Set<string>()
  const own = (id: string): string => {
    const { id: plain, provider } = splitId(id)
    if (provider !== undefined) owners.add(provider)
    return plain
  }
  const below = pathBelow(path, params.id === undefined ? undefined : checkId(own(params.id)))
  const after = query.get('after')
  if (after !== null) query.set('after', own(after))
  const plain = body && mapIds(body, own)
  const asked = headers['x-sluice-provider'] ?? query.get('provider') ?? undefined
  if (owners.size > 1) throw invalidRequest(`The ids are of several providers: ${[...owners].join(', ')}.`)
  const provider = String(asked ?? [...owners][0] ?? home)
  if (!/^[\w.-]+$/.test(provider))
    throw invalidRequest('The name of a provider is made of letters, digits, ".", "_", "-".')
  // The one is the gateway's, the other one may be the client's credential.
  for (const name of ['provider', 'key']) query.delete(name)
  const rest = query.toString()
  return {
    model: `${provider}/${what}`,
    path: rest === '' ? below : `${below}?${rest}`,
    ...(plain !== undefined && plain !== body && { withModel: () => Buffer.from(JSON.stringify(plain)) }),
  }
}

/** What stands behind the version, e.g. `/files/{id}/content`. @param id in place of the client's */
function pathBelow(path: string, id: string | undefined): string {
  const [, collection = '', , action] = path.slice(path.indexOf('/v1/') + '/v1'.length).split('/')
  if (id === undefined) return `/${collection}`
  return action ? `/${collection}/${id}/${action}` : `/${collection}/${id}`
}

/** What is no plain id could be a way to another place. */
function checkId(id: string): string {
  if (!/^\w[\w.:-]*$/.test(id)) throw invalidRequest('An id is made of letters, digits, ".", ":", "_", "-".', 'id')
  return id
}
