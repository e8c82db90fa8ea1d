/** Which headers pass. The kernel itself keeps back those of the connection and the usual credentials. */

/** What names a caller or an account: it belongs to the provider's credential, which is the gateway's. */
const ACCOUNT = [
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
  'x-amz-*',
  'xi-api-key',
  'x-auth-token',
  'x-access-token',
  'x-subscription-token',
  'ocp-apim-subscription-key',
]

/** The client's way to the gateway, which is no business of a provider. Some refuse requests with another's marks. */
const WAY = ['forwarded', 'x-forwarded-*', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'via', 'cdn-loop', 'cf-*']

/** Orders to a browser about the host they come from, which here is the gateway. */
const HOST = [
  'access-control-*',
  'alt-svc',
  'clear-site-data',
  'nel',
  'public-key-pins*',
  'report-to',
  'reporting-endpoints',
  'strict-transport-security',
]

const allBut = (...names: string[]): string[] => ['*', ...names.map((name) => `!${name}`)]

export const REQUEST_HEADERS: readonly string[] = allBut(...ACCOUNT, ...WAY, 'x-sluice-*')
export const REPLY_HEADERS: readonly string[] = allBut(...HOST, 'x-sluice-*')
