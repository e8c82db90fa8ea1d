import type { Logger } from '@sluice/core'

export type Line = { level: string; text: string }

/** A logger, and what it was told. */
export function listeningLog(): { log: Logger; lines: Line[] } {
  const lines: Line[] = []
  const at = (level: string) => (first: unknown, text?: string) =>
    void lines.push({ level, text: text ?? String(first) })
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as unknown as Logger
  return { log, lines }
}
