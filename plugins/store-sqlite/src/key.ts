/**
 * Names as bytes: UTF-8, but each surrogate by itself. Such bytes order as the UTF-16 code units of the text do, and
 * every string has its own, also one that is no valid Unicode. SQLite's text has neither property.
 */
const SURROGATE = /[\ud800-\udfff]/
/** First byte of U+D000 to U+DFFF. */
const MAYBE_SURROGATE = 0xed

export function keyOf(text: string): Buffer {
  return SURROGATE.test(text) ? encodeUnits(text) : Buffer.from(text)
}

export function textOf(key: Buffer): string {
  return key.includes(MAYBE_SURROGATE) ? decodeUnits(key) : key.toString()
}

function encodeUnits(text: string): Buffer {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) bytes.push(unit)
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  return Buffer.from(bytes)
}

function decodeUnits(key: Buffer): string {
  let text = ''
  for (let at = 0; at < key.length;) {
    const first = key[at++]!
    if (first < 0x80) text += String.fromCharCode(first)
    else if (first < 0xe0) text += String.fromCharCode(((first & 0x1f) << 6) | (key[at++]! & 0x3f))
    else text += String.fromCharCode(((first & 0x0f) << 12) | ((key[at++]! & 0x3f) << 6) | (key[at++]! & 0x3f))
  }
  return text
}
