/** What a key looks like: `sk-sluice-`, 12 characters of its id, 36 of secret, all base62. */
import { randomInt } from 'node:crypto'

const PREFIX = 'sk-sluice-'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
/** 214 bits. */
const SECRET_LENGTH = 36
const ID_END = PREFIX.length + ID_LENGTH
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${ID_LENGTH + SECRET_LENGTH}}$`)
/** Of the records that keep them. */
const RECORD = 'key_'

/** Id of a new key's record: `key_` and the characters that stand in its text. */
export function newKeyId(): string {
  return RECORD + base62(ID_LENGTH)
}

/** A new text for the key with this id, with another secret each time. */
export function newKeyText(id: string): string {
  return PREFIX + id.slice(RECORD.length) + base62(SECRET_LENGTH)
}

/** Id of the record that a text would belong to; undefined if it has not the form of a key. */
export function keyIdOf(text: string): string | undefined {
  return FORM.test(text) ? RECORD + text.slice(PREFIX.length, ID_END) : undefined
}

/** Whether an id is that of a key's record. */
export function isKeyId(id: string): boolean {
  return id.startsWith(RECORD)
}

/** As much of a text as people need to recognise it; nothing of the secret. */
export function shownText(text: string): string {
  return `${text.slice(0, PREFIX.length + 4)}…`
}

function base62(length: number): string {
  let text = ''
  while (text.length < length) text += ALPHABET[randomInt(ALPHABET.length)]
  return text
}
