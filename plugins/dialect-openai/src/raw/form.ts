/** Forms with files in them: only the name of the model is looked at. */
import { invalidRequest } from '@sluice/core'
import type { Operation, RawCodec } from '@sluice/core'
import { DIALECT } from '../chat/extensions.ts'
import { boundaryOf, fieldsIn, withField, withValue } from './multipart.ts'

/**
 * A form is located when all of it is there: at its end there could be another `model`, and readers differ in
 * which of two counts. Being whole, it can also go to a second target.
 * @param usual the model of a form that names none
 * @param reads what replies hold
 */
export function formCodec(usual: string, reads: Operation): RawCodec {
  return {
    locate({ headers, path, params }, body, whole) {
      const boundary = boundaryOf(headers)
      if (!whole) return undefined
      const [field, another] = fieldsIn(body, boundary, 'model')
      if (another !== undefined) throw invalidRequest('"model" must stand in the form exactly once.', 'model')
      const named = field && body.toString('utf8', field.start, field.end)
      if (named === '') throw invalidRequest('"model" must name a model, not be empty.', 'model')
      return {
        model: named ?? params.deployment ?? usual,
        // Whatever the client's base URL: `/audio/transcriptions`, `/images/edits`.
        path: `/${path.split('/').slice(-2).join('/')}`,
        reads,
        dialect: DIALECT,
        withModel: (form, model) => (field ? withValue(form, field, model) : withField(form, boundary, 'model', model)),
      }
    },
  }
}
