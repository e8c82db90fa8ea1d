/** AWS's regions and where their services are. */

/** A part of host names: nothing else may stand in it. */
const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/

/** @throws Error if there is none, or what is there is none */
export function regionOf(option: string | undefined, { AWS_REGION, AWS_DEFAULT_REGION }: NodeJS.ProcessEnv): string {
  const region = option ?? (AWS_REGION || AWS_DEFAULT_REGION)
  if (!region) throw new Error('region is missing: set it, or AWS_REGION in the environment')
  if (!REGION.test(region)) throw new Error(`region "${region}" is none of AWS's`)
  return region
}

/** The end of host names. */
export function dnsSuffix(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}
