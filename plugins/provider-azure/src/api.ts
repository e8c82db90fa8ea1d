/** The two forms of Azure's API (https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle). */
import { GatewayError } from '@sluice/core'
import type { Operation, WireProvider } from '@sluice/core'
import { adapter, THOUGHT_FIELDS } from '@sluice/provider-kit'
import type { Quirks } from '@sluice/provider-kit'

const PATHS: { readonly [operation: string]: string } = { chat: '/chat/completions' }

/** Where requests go, and where the API strays from OpenAI's. */
export interface Api {
  path: (operation: Operation, model: string) => string | undefined
  adapt: Adapt
}

type Adapt = NonNullable<WireProvider['adapt']>

/** @param version `v1`, `preview` or a date */
export function apiOf(version = 'v1'): Api {
  return /^\d/.test(version) ? deployments(version) : next(version)
}

/** The v1 API, where the body names the deployment. */
function next(version: string): Api {
  const query = version === 'v1' ? '' : `?api-version=${version}`
  return {
    path: (operation) => {
      const path = PATHS[operation]
      return path && `/openai/v1${path}${query}`
    },
    adapt: adapter(QUIRKS),
  }
}

/** The API of deployments, where the address does. */
function deployments(version: string): Api {
  const quirks = adapter(version < MODERN ? { ...QUIRKS, ...OLD_QUIRKS } : QUIRKS)
  return {
    path: (operation, deployment) => {
      const path = PATHS[operation]
      return path && `/openai/deployments/${encodeURIComponent(deployment)}${path}?api-version=${version}`
    },
    adapt: (body, drop, request) => {
      checkDeployment(request.model)
      return quirks(body, drop)
    },
  }
}

/** Dots alone are no name but a way up the path, which escaping leaves as it is. */
function checkDeployment(name: string): void {
  if (/^\.*$/.test(name))
    throw new GatewayError('model_not_found', `There is no deployment "${name}".`, { param: 'model' })
}

/** Azure shows no thoughts, and models differ in whether they take unknown fields of messages. */
const QUIRKS: Quirks = { unsupportedInMessages: THOUGHT_FIELDS }

/** The first version that knows these three. */
const MODERN = '2024-09-01'
const OLD_QUIRKS: Quirks = {
  rename: { max_completion_tokens: 'max_tokens' },
  unsupported: ['parallel_tool_calls', 'stream_options'],
}
