/** Calls AWS's credential services: rare, small, and bounded. */

/** Largest answer read, in bytes. */
const LIMIT = 256 * 1024

export interface Call {
  url: string
  method?: string
  headers?: { [name: string]: string }
  body?: string
  /** Milliseconds for all of it. */
  timeout: number
}

/** The body of a good answer. @throws Error that names the address, and never what was sent */
export async function fetchText({ url, method = 'GET', headers = {}, body, timeout }: Call): Promise<string> {
  const where = new URL(url).origin
  try {
    const signal = AbortSignal.timeout(timeout)
    const reply = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'error' })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      if ((size += chunk.length) > LIMIT) throw new Error(`its answer is larger than ${LIMIT} bytes`)
    }
    if (!reply.ok) throw new Error(`it answered with status ${reply.status}`)
    return Buffer.concat(chunks).toString()
  } catch (cause) {
    throw new Error(`no credentials from ${where}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/** An answer that must be a JSON object. @throws Error */
export async function fetchObject(call: Call): Promise<{ [field: string]: unknown }> {
  const text = await fetchText(call)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as { [field: string]: unknown }
  } catch {}
  throw new Error(`no credentials from ${new URL(call.url).origin}: its answer is no JSON object`)
}
