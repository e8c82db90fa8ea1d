/** Where requests go in the two forms of Azure's API (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). */
import { GatewayError } from '@sluice/core'
import type { WireProvider } from '@sluice/core'

/** The path and query of what has the path `path` at OpenAI. @throws GatewayError `model_not_found` for a name that is none */
export type Place = (path: string, deployment: string) => string

/** Whether a version of the API is one of deployments: those have dates. */
export function isDated(version: string): boolean {
  return /^\d/.test(version)
}

/** @param version `v1`, `preview` or a date */
export function placeOf(version: string): Place {
  // The v1 API has the deployment's name in the body, and itself in the path.
  if (!isDated(version)) return (path) => withVersion(`/openai/v1${path}`, version === 'v1' ? undefined : version)
  return (path, deployment) => withVersion(`/openai${prefixOf(path, deployment)}${path}`, version)
}

/** What one deployment answers. All else belongs to the resource. */
const OF_DEPLOYMENTS = new Set([
  '/audio/speech',
  '/audio/transcriptions',
  '/audio/translations',
  '/chat/completions',
  '/completions',
  '/embeddings',
  '/images/edits',
  '/images/generations',
])

function prefixOf(path: string, deployment: string): string {
  if (!OF_DEPLOYMENTS.has(path.replace(/\?.*/s, ''))) return ''
  // Dots alone are no name but a way up the path, which escaping leaves as it is.
  if (/^\.*$/.test(deployment))
    throw new GatewayError('model_not_found', `There is no deployment "${deployment}".`, { param: 'model' })
  return `/deployments/${encodeURIComponent(deployment)}`
}

/** The version is the operator's choice, whatever a client's query says. */
function withVersion(path: string, version: string | undefined): string {
  const [bare = '', search] = path.split('?', 2)
  const query = new URLSearchParams(search)
  query.delete('api-version')
  if (version !== undefined) query.set('api-version', version)
  return query.size > 0 ? `${bare}?${query.toString()}` : bare
}

/** The provider with bodies that pass unread going to their place, as all others do. */
export function placing(provider: WireProvider, place: Place): WireProvider {
  return {
    ...provider,
    send(request) {
      const { raw, operation, model } = request
      // Passed through is what a client knows the place of.
      if (!raw || operation === 'passthrough') return provider.send(request)
      return provider.send({ ...request, raw: { ...raw, path: place(raw.path, model) } })
    },
  }
}
