import type { JsonObject } from '@sluice/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'

const regExp = Object.assign(refusePattern, { code: 'refusePattern' })
/**
 * Models write what is checked: what would take more than linear time, patterns and the search for duplicates, is told
 * to the model and not checked. Making a compiler takes longer than compiling.
 */
const COMPILER = new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false, code: { regExp } })
  .removeKeyword('pattern')
  .removeKeyword('uniqueItems')

function refusePattern(): never {
  throw new Error('patternProperties is not supported')
}

/** An answer that fits, without what stood around it. */
export type Fit = { text: string; json: unknown }

/** Reads answers that have to fit a JSON Schema. */
export class AnswerSchema {
  readonly schema: JsonObject
  readonly #validate: ValidateFunction

  /** @throws Error that says why it is no schema */
  constructor({ $schema: _, ...schema }: JsonObject) {
    this.schema = schema
    this.#validate = COMPILER.compile(schema)
    COMPILER.removeSchema(schema) // else it would outlive the config
  }

  /** The value in an answer, which may stand in a Markdown fence, and its text; or what is wrong with it. */
  read(text: string): Fit | { problem: string } {
    const [, fenced = text] = /^\s*```\w*\s([^]*)```\s*$/.exec(text) ?? []
    try {
      const json: unknown = JSON.parse(fenced)
      if (this.#validate(json)) return { text: JSON.stringify(json), json }
      const [error] = this.#validate.errors ?? []
      return { problem: `${error?.instancePath || 'the whole'} ${error?.message ?? 'is not valid'}` }
    } catch (error) {
      return { problem: error instanceof RangeError ? 'it is nested too deeply' : 'it is no JSON' }
    }
  }
}
