/** Bedrock names formats; the canonical model has media types. */

type Kind = 'image' | 'audio' | 'video' | 'document'

const NAMED: { readonly [kind in Kind]: { readonly [format: string]: string } } = {
  image: { png: 'image/png', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' },
  audio: { mp3: 'audio/mpeg', mpeg: 'audio/x-mpeg', mpga: 'audio/mpga', m4a: 'audio/m4a', mka: 'audio/x-matroska' },
  video: {
    mkv: 'video/x-matroska',
    mov: 'video/quicktime',
    flv: 'video/x-flv',
    wmv: 'video/x-ms-wmv',
    three_gp: 'video/3gpp',
  },
  document: {
    pdf: 'application/pdf',
    csv: 'text/csv',
    doc: 'application/msword',
    docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    xls: 'application/vnd.ms-excel',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    html: 'text/html',
    txt: 'text/plain',
    md: 'text/markdown',
  },
}

/** Spellings of other dialects' clients. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['image/jpg', 'jpeg'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/x-m4a', 'm4a'],
  ['audio/x-flac', 'flac'],
])

const FORMATS: { readonly [kind in Kind]: ReadonlyMap<string, string> } = {
  image: inverted(NAMED.image),
  audio: inverted(NAMED.audio),
  video: inverted(NAMED.video),
  document: inverted(NAMED.document),
}

function inverted(table: { readonly [format: string]: string }): ReadonlyMap<string, string> {
  return new Map(Object.entries(table).map(([format, mediaType]) => [mediaType, format]))
}

/** Undefined for a document of a format that is not known here. Clips and images are named after theirs. */
export function mediaTypeOf(kind: Kind, format: string): string | undefined {
  if (Object.hasOwn(NAMED[kind], format)) return NAMED[kind][format]
  return kind === 'document' || !/^[\w.-]+$/.test(format) ? undefined : `${kind}/${format}`
}

/** Undefined if Bedrock has no such format. Texts of all kinds are plain text to it. */
export function formatOf(kind: Kind, mediaType: string): string | undefined {
  const type = mediaType.replace(/\s*;.*$/s, '').toLowerCase()
  const known = FORMATS[kind].get(type) ?? ALIASES.get(type)
  if (known !== undefined) return known
  if (kind === 'document') return type.startsWith('text/') || type === 'application/json' ? 'txt' : undefined
  return type.startsWith(`${kind}/`) ? type.slice(kind.length + 1) : undefined
}
