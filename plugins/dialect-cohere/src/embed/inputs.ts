/** What is to be embedded, in both directions: texts, images, or contents of several items. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, JsonObject } from '@sluice/core'
import { itemObject, objectOf, optionalArray, requiredArray } from '@sluice/dialect-kit'
import { checkContent } from '../chat/check.ts'
import { decodeContent, encodeItem } from '../chat/content.ts'
import { decodeImage } from '../chat/images.ts'

export type Inputs = EmbeddingsRequest['inputs']

/** Of these a request has one. */
export const INPUT_FIELDS = ['texts', 'images', 'inputs'] as const
type Field = (typeof INPUT_FIELDS)[number]

/** Those that say something. @throws GatewayError `invalid_request` if none does */
export function inputFields(body: JsonObject): readonly [Field, ...Field[]] {
  const [field, ...others] = INPUT_FIELDS.filter((name) => (optionalArray(body, name) ?? []).length > 0)
  if (field !== undefined) return [field, ...others]
  throw invalidRequest('One of "texts", "images" and "inputs" must say what to embed.', 'texts')
}

/**
 * An image is its address, a content becomes one vector.
 * @returns the inputs, and the field they stood in
 * @throws GatewayError `invalid_request` on a wrong shape
 */
export function decodeInputs(body: JsonObject): { inputs: Inputs; wire: JsonObject } {
  const [field, another] = inputFields(body)
  if (another !== undefined) throw invalidRequest(`"${field}" and "${another}" cannot stand together.`, another)
  const items = requiredArray(body, field)
  const inputs = items.map((item, index) => decoders[field](item, `${field}[${index}]`))
  return { inputs, wire: { [field]: items } }
}

const decoders: { readonly [field in Field]: (item: unknown, path: string) => Inputs[number] } = {
  texts: textIn,
  images(item, path) {
    const image = decodeImage({ image_url: { url: textIn(item, path) } })
    return image === undefined ? [] : [image]
  },
  inputs(item, path) {
    const { content } = itemObject(item, path)
    checkContent(content, `${path}.content`)
    return decodeContent(content)
  },
}

function textIn(item: unknown, path: string): string {
  if (typeof item === 'string') return item
  throw invalidRequest(`"${path}" must be a text.`, path)
}

/**
 * In the plainest of the three fields, which the most models know.
 * @throws GatewayError `invalid_request` for what Cohere cannot embed
 */
export function encodeInputs(inputs: Inputs): JsonObject {
  if (inputs.every((input) => typeof input === 'string')) return { texts: inputs }
  const contents = inputs.map((input, index) => contentOf(input, `input[${index}]`))
  if (areImages(inputs)) return { images: contents.map(([image]) => objectOf(image?.image_url)?.url) }
  return { inputs: contents.map((content) => ({ content })) }
}

/** Whether every input is one image and nothing else, which Cohere wants to be told. */
export function areImages(inputs: Inputs): boolean {
  return inputs.every((input) => {
    const [part] = input
    return input.length === 1 && typeof part === 'object' && part.type === 'image'
  })
}

function contentOf(input: Inputs[number], at: string): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'text', text: input }]
  return input.map((part) => {
    if (typeof part === 'number')
      throw invalidRequest(`"${at}" is a list of token ids; Cohere embeds texts and images.`, at)
    const item = part.type === 'text' || part.type === 'image' ? encodeItem(part) : undefined
    if (item !== undefined) return item
    throw invalidRequest(`"${at}" has a part of type "${part.type}" that Cohere cannot embed.`, at)
  })
}
