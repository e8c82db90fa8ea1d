/** Paths that say a version: `/v2/chat/completions` asks for version `v2` at `/v1/chat/completions`. */
import type { IncomingMessage } from 'node:http'
import { Type } from '@sluice/core'
import type { Static } from '@sluice/core'
import { VERSION_HEADER } from './versions.ts'

/** Below `/v1`. None is a path of another API below any prefix, as Cohere's `/v2/chat` is. */
const PATHS = [
  '/chat/completions',
  '/completions',
  '/responses',
  '/embeddings',
  '/messages',
  '/messages/count_tokens',
  '/moderations',
  '/images/generations',
  '/audio/speech',
] as const

export const VersionPaths = Type.Object(
  {
    prefixes: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
      description: 'Prefix of paths → version, e.g. `{ "/v2": "v2" }`.',
    }),
    paths: Type.Optional(
      Type.Array(Type.Enum([...PATHS]), {
        minItems: 1,
        description: 'Paths below `/v1` that are served below the prefixes, too; without it, all of these.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Versions that clients ask for by a prefix of the path.' },
)
export type VersionPaths = Static<typeof VersionPaths>

/** @returns what is wrong with the prefixes */
export function problemsOf({ prefixes }: VersionPaths): string[] {
  return Object.keys(prefixes).flatMap((prefix) => {
    const at = `versionPaths.prefixes[${prefix}]`
    if (!/^(\/[\w.-]{1,64}){1,4}$/.test(prefix)) return [`${at}: must be like "/v2", without a slash at its end.`]
    if (/^\/(v1|admin|health|openai|passthrough)(\/|$)/.test(prefix))
      return [`${at}: the gateway itself serves other things there.`]
    return []
  })
}

/** Leads the configured paths, and only those, to where they are served. A header of the client's own wins. */
export function compileRewrite({ prefixes, paths = [...PATHS] }: VersionPaths): (request: IncomingMessage) => void {
  const routes = new Map<string, { path: string; version: string }>()
  for (const [prefix, version] of Object.entries(prefixes)) {
    for (const path of paths) {
      const route = { path: `/v1${path}`, version }
      routes.set(prefix + path, route)
      // Clients whose base URL is without `/v1`, as Anthropic's, put it behind the prefix.
      routes.set(`${prefix}/v1${path}`, route)
    }
  }
  return (request) => {
    const { url = '' } = request
    const end = url.indexOf('?')
    const route = routes.get(end < 0 ? url : url.slice(0, end))
    if (!route) return
    request.url = end < 0 ? route.path : route.path + url.slice(end)
    request.headers[VERSION_HEADER] ??= route.version
  }
}
