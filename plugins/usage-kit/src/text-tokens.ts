/** Tokens of texts and of what holds texts, estimated from above. */

/** What an image, a file or a sound counts as, and a block that only its provider understands: its bytes are no text. */
const MEDIA_TOKENS = 1000
const MEDIA: ReadonlySet<unknown> = new Set(['image', 'audio', 'video', 'file'])
/** What models do not read: proofs, marks, and fields that only one API knows. */
const UNREAD: ReadonlySet<string> = new Set(['signature', 'extensions', 'cache', 'origin', 'redacted'])

/**
 * Four ASCII characters a token; of other scripts, whose characters take two to four bytes, one to two.
 * @param bytes of the text as UTF-8 @param length in UTF-16 units
 */
export function textTokens(bytes: number, length: number): number {
  return (3 * bytes - length) / 8
}

/**
 * All texts, numbers (token ids) and names in a part of a canonical request, at any depth. Media count a thousand
 * tokens, and so does a block that only its provider understands.
 */
export function tokensIn(content: unknown): number {
  let tokens = 0
  // Not by recursion: what a client nests is not bounded by the stack.
  const left = [content]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string') tokens += textTokens(Buffer.byteLength(value), value.length)
    else if (typeof value === 'number') tokens++
    else if (Array.isArray(value)) for (const item of value) left.push(item)
    else if (typeof value === 'object' && value !== null) tokens += ofObject(value as Fields, left)
  }
  return Math.ceil(tokens)
}

type Fields = { readonly [name: string]: unknown }

/** What the object counts by itself; what it holds goes to `left`. */
function ofObject(object: Fields, left: unknown[]): number {
  const { type, source } = object
  if (MEDIA.has(type) && typeof source === 'object') {
    const { text } = source as { text?: unknown }
    if (typeof text !== 'string') return MEDIA_TOKENS
    left.push(text)
    return 0
  }
  if (type === 'raw') return MEDIA_TOKENS
  let names = 0
  for (const name in object) {
    if (UNREAD.has(name)) continue
    names += name.length
    left.push(object[name])
  }
  return names / 4
}
