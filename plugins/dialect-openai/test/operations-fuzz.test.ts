/** Nothing a network can deliver raises anything but a GatewayError, in whatever operation. */
import type { StreamPart } from '@sluice/core'
import { PLACE } from '@sluice/core/testing'
import { survives } from '@sluice/dialect-kit/testing'
import { describe } from 'vitest'
import * as dialects from '../src/index.ts'
import { boundaryOf, fieldsIn, withField, withValue } from '../src/raw/multipart.ts'
import { fc, jsonOf, test } from './property.ts'

const FIELDS =
  'model prompt input query documents results data usage total_tokens embedding index relevance_score document text choices logprobs finish_reason encoding_format input_type truncate dimensions top_n return_documents stream stream_options voice stop suffix echo input_tokens error code type object id __proto__'.split(
    ' ',
  )
const json = jsonOf(FIELDS, ['base64', 'AAAA', 'response.completed'])

const all = [
  dialects.openaiChat,
  dialects.openaiCompletions,
  dialects.openaiInputTokens,
  dialects.jina,
  dialects.voyage,
]
const codecs = all.flatMap(({ name, codecs: own }) =>
  Object.entries(own).map(([operation, codec]) => ({ name: `${name} ${operation}`, codec })),
)

describe.each(codecs)('$name', ({ codec }) => {
  test('whatever comes', fc.tuple(json.object, json.object), ([request, response]) => {
    const drop = (): void => {}
    survives(() => codec.inspect(request, Buffer.from(JSON.stringify(request)), PLACE))
    survives(() => {
      const decoded = codec.decodeRequest(request) as never
      codec.encodeRequest(decoded, { model: 'm', drop })
      codec.encodeResponse(codec.decodeResponse(response) as never, { id: 'x', model: 'm', request: decoded })
    })
  })

  const { stream } = codec as { stream?: (typeof dialects.openaiChat.codecs.speech & object)['stream'] }
  if (!stream) return
  test(
    'whatever streams',
    fc.tuple(fc.array(json.object, { maxLength: 4 }), fc.nat(9), fc.boolean()),
    ([frames, cut, named]) => {
      const text = frames.map((frame) => `${named ? 'event: x\n' : ''}data: ${JSON.stringify(frame)}\n\n`).join('')
      const bytes = Buffer.from(text.slice(cut))
      const parts: StreamPart[] = []
      for (const reader of [stream.reader(), stream.skimmer()]) {
        survives(() => {
          stream.prober()(bytes)
          reader.push(bytes, parts)
          reader.end(parts)
        })
      }
      const writer = stream.writer({ id: 'x', model: 'm', request: { includeUsage: true } as never })
      for (const part of parts) if (part.type !== 'error') writer.push(part)
      writer.end()
    },
  )
})

const headers = { 'content-type': 'multipart/form-data; boundary=b' }
const boundary = boundaryOf(headers)
const piece = fc.constantFrom(
  '--b',
  '--b--',
  '\r\n',
  '\n',
  '\r\n\r\n',
  'Content-Disposition: form-data; name="model"',
  '; name="x"',
  'm',
  '--',
)

describe('forms', () => {
  test('whatever comes', fc.array(piece, { maxLength: 14 }), (pieces) => {
    survives(() => fieldsIn(Buffer.from(pieces.join('')), boundary, 'model'))
  })

  test(
    'a field is found and changed among others, and nothing else',
    fc.tuple(
      fc.array(fc.tuple(fc.constantFrom('a', 'model2', 'x'), fc.string())),
      fc.string({ minLength: 1 }),
      fc.nat(5),
    ),
    ([others, value, at]) => {
      const fields: [string, string][] = others.filter(([, text]) => !text.includes('--b'))
      if (value.includes('--b')) return
      const position = Math.min(at, fields.length)
      const formOf = (model: string): Buffer => {
        const list = fields.toSpliced(position, 0, ['model', model])
        const parts = list.map(
          ([name, text]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
        )
        return Buffer.from(`${parts.join('')}--b--\r\n`)
      }
      const form = formOf(value)
      const [field, ...more] = fieldsIn(form, boundary, 'model')
      if (more.length > 0 || form.toString('utf8', field!.start, field!.end) !== value) throw new Error('not found')
      if (!withValue(form, field!, 'other').equals(formOf('other'))) throw new Error('not changed')
      const [added] = fieldsIn(withField(form, boundary, 'new', 'n'), boundary, 'new')
      if (added === undefined) throw new Error('not added')
    },
  )
})
