/** The errors of `openai-completions`. */
import { errorsOf } from '../errors.ts'
import { DIALECT } from './extensions.ts'

export const { inlineError } = errorsOf(DIALECT)
