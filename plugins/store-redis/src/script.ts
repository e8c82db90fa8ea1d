import { hash } from 'node:crypto'

/** A Lua script, by the name that Redis knows it by. */
export type Script = { readonly source: string; readonly sha: string }

export function script(source: string): Script {
  return { source, sha: hash('sha1', source) }
}
