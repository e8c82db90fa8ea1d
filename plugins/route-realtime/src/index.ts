/** `@sluice/route-realtime`: OpenAI's Realtime API over WebSockets. */
import { definePlugin, Duration, milliseconds, Type } from '@sluice/core'
import { realtimeDialect } from './dialect.ts'
import { withoutCredential } from './subprotocols.ts'

/** Sessions may be silent for long, and take as long as people talk; OpenAI itself ends them after an hour. */
const IDLE = '10m'
const LONGEST = '2h'

/** Adds the dialect `openai-realtime` with its endpoints, and taps `onRequest` and `beforeAttempt`. */
export const realtime = definePlugin({
  name: 'route-realtime',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      model: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            'What sessions go to whose address names no model (`?intent=transcription`, `?call_id=…`). Without it they are refused.',
        }),
      ),
      idleTimeout: Type.Optional(Duration('How long neither side may send anything.', IDLE)),
      maxDuration: Type.Optional(Duration('How long a session may last.', LONGEST)),
    },
    { additionalProperties: false },
  ),
  setup({ options: { model, idleTimeout = IDLE, maxDuration = LONGEST }, addDialect, hooks }) {
    const dialect = realtimeDialect(model)
    const limits = { idle: milliseconds(idleTimeout), total: milliseconds(maxDuration) }
    addDialect(dialect)
    hooks.onRequest.tap({ name: 'credential', stage: 'first' }, (exchange) => {
      if (exchange.dialect === dialect) withoutCredential(exchange.headers)
    })
    hooks.beforeAttempt.tap({ name: 'limits', stage: 'early' }, (attempt, exchange) => {
      if (exchange.dialect === dialect) attempt.timeouts = { ...attempt.timeouts, ...limits }
    })
  },
})
