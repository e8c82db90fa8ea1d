import type { JsonObject } from '@sluice/core'

export interface ReplyOptions {
  status?: number
  /** Names in lower case. */
  headers?: { readonly [name: string]: string }
  /** Of a text or bytes, e.g. `text/csv; charset=utf-8`. */
  contentType?: string
}

/** An answer with a status, headers or a content type of its own. */
export class AdminReply {
  readonly body: JsonObject | string | Buffer | undefined
  readonly status: number | undefined
  readonly headers: { readonly [name: string]: string }

  /** @param body undefined for none */
  constructor(body: JsonObject | string | Buffer | undefined, { status, headers, contentType }: ReplyOptions = {}) {
    this.body = body
    this.status = status
    this.headers = { ...headers, ...(contentType !== undefined && { 'content-type': contentType }) }
  }
}
