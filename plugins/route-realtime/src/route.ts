/** Where a session goes: its address names the model. */
import { invalidRequest } from '@sluice/core'
import type { RawRequest, RawRoute } from '@sluice/core'
import { SessionReader } from './session-reader.ts'

/** What the gateway itself says, or must not: the model in its two spellings, a credential, the version that a provider's config names. */
const OWN = ['model', 'deployment', 'key', 'api-key', 'api-version']

/** @throws GatewayError `invalid_request` if no model is named and there is no usual one */
export function locate({ search }: RawRequest, usual: string | undefined): RawRoute {
  const query = new URLSearchParams(search)
  const named = query.get('model') ?? query.get('deployment')
  const model = named ?? usual
  if (!model) throw invalidRequest('Say in the address which model the session is for: ?model=…', 'model')
  for (const name of OWN) query.delete(name)
  const rest = query.toString()
  const isTranscription = query.get('intent') === 'transcription'
  return {
    model,
    path: rest === '' ? '/realtime' : `/realtime?${rest}`,
    ...(named !== null && {
      pathFor: (name) => `/realtime?${new URLSearchParams([['model', name], ...query]).toString()}`,
    }),
    dialect: 'openai-chat',
    socket: () => new SessionReader(isTranscription),
  }
}
