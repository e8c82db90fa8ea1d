/**
 * The alternative names of a certificate, each with its kind in front: `DNS:a.example`, `URI:spiffe://…`. In Node's
 * text they stand with commas between them; a name that holds what could be taken for another one is in JSON.
 */
export function alternativeNames(text: string): string[] {
  return Array.from(text.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g), ([, kind = '', name = '']) => {
    return `${kind}:${name.startsWith('"') ? unquoted(name) : name}`
  })
}

function unquoted(name: string): string {
  try {
    return JSON.parse(name) as string
  } catch {
    return name
  }
}
