import { readFile } from 'node:fs/promises'
import { dnsSuffix } from '../region.ts'
import { credentialsOf } from './credentials.ts'
import type { Finder } from './credentials.ts'
import { fetchText } from './fetch.ts'

const TIMEOUT = 10_000

/**
 * A role for the bearer of a token in a file, which Kubernetes keeps fresh (IRSA)
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). The call is not signed.
 */
export const fromWebIdentity: Finder = async ({ environment, region, endpoints }) => {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role, AWS_ROLE_SESSION_NAME: session } = environment
  if (!file || !role) return undefined
  const token = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code})`)
  })
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: session || `sluice-${Date.now()}`,
    WebIdentityToken: token.trim(),
  })
  const sts = endpoints.sts ?? environment.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.${dnsSuffix(region)}`
  const xml = await fetchText({
    url: `${sts}/`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    timeout: TIMEOUT,
  })
  const field = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  const fields = {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
    expiration: field('Expiration'),
  }
  return credentialsOf(fields, sts)
}
