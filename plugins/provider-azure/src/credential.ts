import type { Logger } from '@sluice/core'
import { oauthToken, TokenCache } from '@sluice/provider-kit'
import type { Token } from '@sluice/provider-kit'
import { AUTHORITY, SCOPE } from './options.ts'
import type { AzureOptions, EntraOptions } from './options.ts'

type Headers = { readonly [name: string]: string }

/**
 * The header that carries the credential, or what finds it for a request.
 * @throws Error if there is no credential or more than one
 */
export function credentialOf(options: AzureOptions, log: Logger): Headers | (() => Promise<Headers>) {
  const { apiKey, accessToken, entra } = options
  const given = [apiKey, accessToken, entra].filter((each) => each !== undefined)
  if (given.length !== 1) throw new Error('one of apiKey, accessToken and entra is required, and only one')
  if (apiKey !== undefined) return { 'api-key': apiKey }
  if (accessToken !== undefined) return { authorization: `Bearer ${accessToken}` }
  const fetch = async (): Promise<Token> => {
    try {
      return await entraToken(entra!)
    } catch (err) {
      log.warn({ err }, 'no token for Azure could be had; an old one is used as long as it holds')
      throw err
    }
  }
  // Every failure has been told by then, the first one as well.
  const tokens = new TokenCache(fetch, () => undefined)
  return async () => ({ authorization: `Bearer ${await tokens.get()}` })
}

/** Asks as an application (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). */
function entraToken(options: EntraOptions): Promise<Token> {
  const { authority = AUTHORITY, tenantId, clientId, clientSecret, scope = SCOPE } = options
  return oauthToken({
    issuer: 'Microsoft Entra',
    url: `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret, scope },
  })
}
