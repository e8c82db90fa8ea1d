/** `@sluice/log-access`: one line in the log for every exchange. */
import { definePlugin, Type } from '@sluice/core'
import { lineOf } from './line.ts'
import { promptOf } from './prompt.ts'

/** Taps `onComplete`. */
export const accessLog = definePlugin({
  name: 'log-access',
  version: '0.1.0',
  api: 1,
  options: Type.Object(
    {
      level: Type.Optional(
        Type.Enum(['trace', 'debug', 'info'], {
          default: 'info',
          description: 'Level of exchanges that did not fail; those that did have `warn`.',
        }),
      ),
      ip: Type.Optional(Type.Boolean({ default: true, description: "Whether to log the client's address." })),
      prompts: Type.Optional(
        Type.Boolean({ default: false, description: 'Whether to log what was asked: the last 8 KB of the messages.' }),
      ),
    },
    { additionalProperties: false },
  ),
  setup({ options: { level = 'info', ip = true, prompts = false }, hooks, log }) {
    hooks.onComplete.tap({ name: 'line', stage: 'last' }, (exchange) => {
      const line = lineOf(exchange, ip)
      if (prompts) line.prompt = promptOf(exchange)
      const { method, path } = exchange.start
      log[exchange.outcome === 'failed' ? 'warn' : level](line, `${method} ${path} ${line.status ?? '-'}`)
    })
  },
})
