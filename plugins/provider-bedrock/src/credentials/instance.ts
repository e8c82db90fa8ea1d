import { credentialsOf } from './credentials.ts'
import type { Finder } from './credentials.ts'
import { fetchObject, fetchText } from './fetch.ts'

const ADDRESS = 'http://169.254.169.254'
const ROLE_PATH = '/latest/meta-data/iam/security-credentials/'
/** On a machine that is not at AWS, nobody answers. */
const TIMEOUT = 2000
/** Seconds that a session of the metadata service lasts; one is made for each refresh. */
const SESSION = '300'

/** The role of an EC2 instance, by version 2 of its metadata service (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html). */
export const fromInstance: Finder = async ({ environment, endpoints }) => {
  if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined
  const address = endpoints.instance ?? environment.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? ADDRESS
  const session = await fetchText({
    url: `${address}/latest/api/token`,
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': SESSION },
    timeout: TIMEOUT,
  })
  const headers = { 'x-aws-ec2-metadata-token': session }
  const roles = await fetchText({ url: address + ROLE_PATH, headers, timeout: TIMEOUT })
  const [role = ''] = roles.trim().split(/\s+/)
  const url = address + ROLE_PATH + encodeURIComponent(role)
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = await fetchObject({ url, headers, timeout: TIMEOUT })
  return credentialsOf(
    { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiration: Expiration },
    address,
  )
}
