/** Which credential goes with requests: an API key as it is, or keys that sign. */
import type { Logger } from '@sluice/core'
import type { OutgoingRequest } from '@sluice/provider-kit'
import { findCredentials, refreshed } from './credentials/index.ts'
import type { CredentialSource } from './credentials/index.ts'
import type { BedrockOptions } from './options.ts'
import { signer } from './signed-headers.ts'

type Headers = { readonly [name: string]: string }

/**
 * What the options name; without any, what AWS's SDKs would find.
 * @throws Error if the options name half of a credential, or two
 */
export function authentication(
  options: BedrockOptions,
  region: string,
  environment: NodeJS.ProcessEnv,
  log: Logger,
): Headers | ((request: OutgoingRequest) => Promise<Headers>) {
  const { apiKey, accessKeyId, secretAccessKey, profile } = options
  if ([apiKey, accessKeyId, profile].filter((given) => given !== undefined).length > 1)
    throw new Error('only one of apiKey, accessKeyId and profile can be used')
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new Error('accessKeyId and secretAccessKey go together')
  const isOpen = accessKeyId === undefined && profile === undefined
  const bearer = apiKey ?? (isOpen ? environment.AWS_BEARER_TOKEN_BEDROCK : undefined)
  if (bearer) return { authorization: `Bearer ${bearer}` }
  return signer({ region, service: 'bedrock' }, sourceOf(options, region, environment, log))
}

function sourceOf(
  { accessKeyId, secretAccessKey, sessionToken, profile, endpoints = {} }: BedrockOptions,
  region: string,
  environment: NodeJS.ProcessEnv,
  log: Logger,
): CredentialSource {
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const fixed = Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) })
    return () => fixed
  }
  const find = async () => {
    try {
      return await findCredentials({ environment, region, profile, endpoints })
    } catch (err) {
      log.error({ err }, 'there are no credentials for AWS')
      throw err
    }
  }
  return refreshed(find)
}
