/** What vectors are made of, in the forms that Bedrock's models take. */
import { invalidRequest } from '@sluice/core'
import type { EmbeddingsRequest, ImagePart, Part, TextPart } from '@sluice/core'

export type Content = TextPart | ImagePart

/** For models that make one vector a call: the input, if it is the only one. @throws GatewayError `invalid_request` */
export function onlyInput({ inputs }: EmbeddingsRequest): Content[] {
  const [input] = inputs
  if (input !== undefined && inputs.length === 1) return contentsOf(input, 0)
  const message = `This model takes one input a call, not ${inputs.length}: send each in a request of its own.`
  throw invalidRequest(message, 'input')
}

/** @throws GatewayError `invalid_request` for what is neither text nor image */
export function contentsOf(input: EmbeddingsRequest['inputs'][number], index: number): Content[] {
  if (typeof input === 'string') return [{ type: 'text', text: input }]
  return input.map((part: number | Part) => {
    if (typeof part === 'number') refuse(index, 'is a list of token ids, which only OpenAI has; send the text')
    if (part.type !== 'text' && part.type !== 'image') refuse(index, `has a part of the type "${part.type}"`)
    return part
  })
}

/** All of it as one text. @throws GatewayError `invalid_request` if there is an image */
export function textIn(contents: readonly Content[], index: number): string {
  const texts = contents.map((part) => {
    return part.type === 'text' ? part.text : refuse(index, 'is an image; the model takes text')
  })
  return texts.join('\n')
}

/** The bytes of an image in base64, and their type. @throws GatewayError `invalid_request` for one at an address */
export function bytesOf({ source }: ImagePart, index: number): { data: string; mediaType: string } {
  return source.kind === 'base64' ? source : refuse(index, 'is an image at an address; Bedrock takes the bytes')
}

/** @param what is wrong with the input */
export function refuse(index: number, what: string): never {
  throw invalidRequest(`"input[${index}]" ${what}.`, `input[${index}]`)
}
