/** `@sluice/provider-echo`: a model in this process that says back what it is told, the same way every time. */
import { definePlugin, Duration, invalidRequest, milliseconds, Type } from '@sluice/core'
import { answer } from './answer.ts'

/** Adds the provider `echo`. */
export const echo = definePlugin({
  name: 'provider-echo',
  version: '0.1.0',
  api: 1,
  id: 'echo',
  options: Type.Object(
    { delay: Type.Optional(Duration('Time that the model takes for a word.', '0ms')) },
    { additionalProperties: false },
  ),
  setup({ options, addProvider }) {
    const delay = milliseconds(options.delay ?? 0)
    addProvider({
      kind: 'local',
      vendor: 'sluice',
      models: ['echo'],
      answer(request, { signal }) {
        if (request.operation === 'chat') return answer(request, delay, signal)
        throw invalidRequest(`The model "echo" does not offer ${request.operation}.`, 'model')
      },
    })
  },
})
