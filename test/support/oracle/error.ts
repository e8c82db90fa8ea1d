/** Reads what a vendor refused with. */
import { object, text } from './json.ts'
import type { Json } from './json.ts'

/** Its words, wherever it puts them: in an envelope, beside nothing (Mistral), or as a mere text. */
export function messageOf(body: Json): string {
  return text(object(body.error)?.message) || text(body.message) || text(body.detail) || text(body.error)
}

/**
 * Whether it is the gateway's own credential that was refused, which is no business of the client.
 * @param message by which xAI and Google tell, whose status is 400
 */
export function isCredentialFault(status: number, message = ''): boolean {
  return status === 401 || status === 403 || (status === 400 && /api key/i.test(message))
}
