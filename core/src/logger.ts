/** The gateway's log: pino, one JSON line an entry, with secrets taken out. */
import { pino } from 'pino'
import type { DestinationStream, LevelWithSilent, Logger as PinoLogger } from 'pino'
import { describe } from './errors.ts'

export type Logger = PinoLogger

/** Fields that never reach the log, whoever may log headers or options. */
const HIDDEN = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie', 'set-cookie', 'apiKey', 'password']

/** @param secrets texts to mask in every line; may grow later. @param destination default: standard output, buffered */
export function createLogger(
  level: LevelWithSilent,
  secrets: ReadonlySet<string>,
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (thrown) => shown(thrown instanceof Error ? thrown : new Error(describe(thrown))) },
      redact: { paths: HIDDEN.flatMap((name) => [`["${name}"]`, `headers["${name}"]`]), censor: '***' },
      hooks: { streamWrite: (line) => mask(line, secrets) },
    },
    destination ?? pino.destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 100 }),
  )
}

/** What is told of an error. Whatever else hangs on it may be a request, with its credential and what was asked. */
function shown(error: Error): object {
  const { type, message, code, stack } = pino.stdSerializers.err(error) as { [field: string]: unknown }
  return { type, message, code, stack }
}

/** `text` with every secret in it replaced by `***`. */
export function mask(text: string, secrets: ReadonlySet<string>): string {
  let masked = text
  for (const secret of secrets) if (masked.includes(secret)) masked = masked.replaceAll(secret, '***')
  return masked
}
