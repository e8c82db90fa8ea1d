/** Brings requests of other dialects to what Cohere takes. Nothing is left out without a report. */
import type { EmbeddingsRequest, RequestContext } from '@sluice/core'
import { Drops, defined } from '@sluice/dialect-kit'
import { NAME } from '../extensions.ts'
import type { Inputs } from './inputs.ts'
import { fitPurpose } from './purpose.ts'
import { encodeTruncate } from './truncate.ts'

const FORMATS: ReadonlySet<string> = new Set(['float', 'base64', 'int8', 'uint8', 'binary', 'ubinary'])

export function fit(request: EmbeddingsRequest, context: RequestContext): EmbeddingsRequest {
  const drops = new Drops(context, NAME)
  const { operation, model, stream, inputs, dimensions, truncate, user } = request
  if (user !== undefined) drops.add('user', 'Cohere has no such parameter')
  const knows = truncate === undefined || encodeTruncate(truncate) !== undefined
  if (!knows) drops.add('truncate', `Cohere knows no "${truncate}"`)
  drops.addForeign(request.extensions)
  return defined<EmbeddingsRequest>({
    operation,
    model,
    stream,
    inputs: inputs.map(plainest),
    dimensions,
    formats: fitFormats(request, drops),
    purpose: fitPurpose(request, drops),
    truncate: knows ? truncate : undefined,
    extensions: {},
  })
}

/** A content of texts alone is one text, which all models take. */
function plainest(input: Inputs[number]): Inputs[number] {
  if (typeof input === 'string') return input
  const texts = input.flatMap((part) => (typeof part === 'object' && part.type === 'text' ? part.text : []))
  return texts.length > 0 && texts.length === input.length ? texts.join('\n') : input
}

/** Floats where nothing is asked for. */
function fitFormats({ formats = [] }: EmbeddingsRequest, drops: Drops): string[] {
  const known = formats.filter((format) => FORMATS.has(format))
  if (known.length < formats.length) drops.add('embedding_types', `Cohere knows ${[...FORMATS].join(', ')}`)
  return known.length > 0 ? known : ['float']
}
