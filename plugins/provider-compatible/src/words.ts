/** Words that vendors have in place of others: the values of fields, where `adapter` changes their names. */
import type { JsonObject, WireProvider } from '@sluice/core'

/** By field: the vendor's word for each usual one; undefined stands for saying nothing, which means the same. */
export interface Words {
  readonly [field: string]: { readonly [word: string]: string | boolean | undefined }
}

type Drop = Parameters<NonNullable<WireProvider['adapt']>>[1]

/** A body without words to change comes back as the same object. A word that the vendor does not know is dropped. */
export function translator(words: Words): (body: JsonObject, drop: Drop) => JsonObject {
  const fields = Object.entries(words).map(([field, dictionary]) => ({
    field,
    dictionary: new Map<unknown, string | boolean | undefined>(Object.entries(dictionary)),
    own: new Set<unknown>(Object.values(dictionary)),
  }))
  return (body, drop) => {
    let changed: JsonObject | undefined
    for (const { field, dictionary, own } of fields) {
      const word = body[field] ?? undefined
      if (word === undefined || (own.has(word) && !dictionary.has(word))) continue
      const translated = dictionary.get(word)
      if (translated === word) continue
      changed ??= { ...body }
      if (translated === undefined) delete changed[field]
      else changed[field] = translated
      if (!dictionary.has(word)) drop(field, `the provider does not know ${JSON.stringify(word)}`)
    }
    return changed ?? body
  }
}
