import { request as call } from 'undici'

/** The pieces in which a body arrives. */
export async function chunksOf(url: string): Promise<Buffer[]> {
  const { body } = await call(url)
  return (await body.toArray()) as Buffer[]
}
