/** Which language a text is in, from its letters and its most common words. Cheap, not clever. */
import { countScripts } from './scripts.ts'
import type { Script } from './scripts.ts'
import { LETTERS, WORDS } from './words.ts'

/** Scripts of one language each, or nearly so. */
const BY_SCRIPT: { readonly [script in Script]?: string } = {
  greek: 'el',
  armenian: 'hy',
  hebrew: 'he',
  devanagari: 'hi',
  bengali: 'bn',
  gurmukhi: 'pa',
  gujarati: 'gu',
  tamil: 'ta',
  telugu: 'te',
  kannada: 'kn',
  malayalam: 'ml',
  thai: 'th',
  lao: 'lo',
  burmese: 'my',
  georgian: 'ka',
  ethiopic: 'am',
  khmer: 'km',
  hangul: 'ko',
}
/** Letters that settle it, the first that is there. */
const CYRILLIC: readonly (readonly [RegExp, string])[] = [
  [/[іїєґ]/i, 'uk'],
  [/[јљњћђ]/i, 'sr'],
  [/[ыэё]/i, 'ru'],
  [/[а-я]ъ[а-я]/i, 'bg'],
]
const ARABIC: readonly (readonly [RegExp, string])[] = [
  [/[ٹڈڑںے]/, 'ur'],
  [/[پچژگ]/, 'fa'],
]

type LatinLanguage = keyof typeof WORDS

/** Votes of a word or a letter. */
const VOTES = votes()
const NOT_LETTERS = /[^a-z\u00c0-\u024f\u1e00-\u1eff]+/
/** A letter that few languages have says more than a word that several share. */
const LETTER_WEIGHT = 2
const ASCII = 0x7f

export const LANGUAGES: readonly string[] = [
  ...new Set([
    ...Object.keys(WORDS),
    ...Object.values(BY_SCRIPT),
    'ru',
    'uk',
    'sr',
    'bg',
    'ar',
    'ur',
    'fa',
    'zh',
    'ja',
  ]),
].sort()

/** ISO 639 code; undefined if there is too little to tell by. Takes time in proportion to the text. */
export function languageOf(text: string): string | undefined {
  const counts = countScripts(text)
  let most: Script | undefined
  let letters = 0
  for (const [script, count] of counts) {
    // A character of these is a word, or a good part of one.
    const weight = script === 'han' || script === 'kana' || script === 'hangul' ? 3 * count : count
    if (weight > letters) [most, letters] = [script, weight]
  }
  switch (most) {
    case undefined:
      return undefined
    case 'latin':
      return latin(text)
    case 'cyrillic':
      return settled(CYRILLIC, text, 'ru')
    case 'arabic':
      return settled(ARABIC, text, 'ar')
    case 'han':
    case 'kana':
      // Chinese has no kana; in Japanese they are all over.
      return (counts.get('kana') ?? 0) * 10 > (counts.get('han') ?? 0) ? 'ja' : 'zh'
    default:
      return BY_SCRIPT[most]
  }
}

function settled(signs: typeof CYRILLIC, text: string, otherwise: string): string {
  return signs.find(([sign]) => sign.test(text))?.[1] ?? otherwise
}

/** The language with the most votes, unless another one has as many. */
function latin(text: string): string | undefined {
  const tally = new Map<LatinLanguage, number>()
  const count = (voters: readonly LatinLanguage[] | undefined, weight: number): void => {
    for (const language of voters ?? []) tally.set(language, (tally.get(language) ?? 0) + weight)
  }
  const lower = text.toLowerCase()
  for (const word of lower.split(NOT_LETTERS)) count(VOTES.words.get(word), 1)
  for (let i = 0; i < lower.length; i++) {
    if (lower.charCodeAt(i) > ASCII) count(VOTES.letters.get(lower[i]!), LETTER_WEIGHT)
  }
  let best: LatinLanguage | undefined
  let [most, second] = [0, 0]
  for (const [language, score] of tally) {
    if (score > most) [best, most, second] = [language, score, most]
    else second = Math.max(second, score)
  }
  return most >= 2 && most > second ? best : undefined
}

function votes(): { words: Map<string, LatinLanguage[]>; letters: Map<string, LatinLanguage[]> } {
  const words = new Map<string, LatinLanguage[]>()
  const letters = new Map<string, LatinLanguage[]>()
  const add = (to: Map<string, LatinLanguage[]>, sign: string, language: string): void => {
    to.set(sign, [...(to.get(sign) ?? []), language as LatinLanguage])
  }
  for (const [language, list] of Object.entries(WORDS)) for (const word of list.split(' ')) add(words, word, language)
  for (const [language, list] of Object.entries(LETTERS)) for (const letter of list) add(letters, letter, language)
  return { words, letters }
}
