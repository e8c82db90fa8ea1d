import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 119 bits: no two are ever the same. */
const LENGTH = 20
/** Bytes from here on would make the first letters of the alphabet likelier. */
const FAIR = 256 - (256 % ALPHABET.length)

/** `<prefix><random base62>` */
export function newId(prefix: string): string {
  let id = prefix
  while (id.length < prefix.length + LENGTH)
    for (const byte of randomBytes(LENGTH))
      if (byte < FAIR && id.length < prefix.length + LENGTH) id += ALPHABET[byte % ALPHABET.length]
  return id
}
