import type { Logger } from '@sluice/core'
import { oauthToken, TokenCache } from '@sluice/provider-kit'
import type { Token } from '@sluice/provider-kit'
import { METADATA_URL } from './options.ts'
import type { VertexOptions } from './options.ts'
import { serviceAccount } from './service-account.ts'

type Headers = { readonly [name: string]: string }

/**
 * The header that carries the credential, or what finds it for a request.
 * @throws Error if there are two credentials, or one that is none
 */
export async function credentialOf(options: VertexOptions, log: Logger): Promise<Headers | (() => Promise<Headers>)> {
  const { accessToken, credentials, metadataUrl = METADATA_URL } = options
  if (accessToken !== undefined && credentials !== undefined)
    throw new Error('of accessToken and credentials, only one can be used')
  if (accessToken !== undefined) return { authorization: `Bearer ${accessToken}` }
  const fetch = credentials === undefined ? () => metadataToken(metadataUrl) : await serviceAccount(credentials)
  const tokens = new TokenCache(fetch, (err) =>
    log.warn({ err }, 'the token for Google Cloud could not be renewed; the old one is used while it is valid'),
  )
  return async () => ({ authorization: `Bearer ${await tokens.get()}` })
}

/** The token of the machine's own service account (https://cloud.google.com/compute/docs/access/authenticate-workloads). */
function metadataToken(metadataUrl: string): Promise<Token> {
  return oauthToken({
    issuer: 'The metadata server',
    url: `${metadataUrl.replace(/\/+$/, '')}/computeMetadata/v1/instance/service-accounts/default/token`,
    headers: { 'metadata-flavor': 'Google' },
  })
}
