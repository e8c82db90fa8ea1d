/** A name, or a family of names: one `*` stands for any run of characters. */
export interface NamePattern {
  readonly text: string
  readonly prefix: string
  /** Undefined for a single name. */
  readonly suffix: string | undefined
}

/** @returns undefined if there is more than one `*` */
export function parsePattern(text: string): NamePattern | undefined {
  const [prefix = '', suffix, ...more] = text.split('*')
  return more.length > 0 ? undefined : { text, prefix, suffix }
}

/** What `*` stands for in a name, '' if there is none; undefined if the name does not fit. */
export function captured({ text, prefix, suffix }: NamePattern, name: string): string | undefined {
  if (suffix === undefined) return name === text ? '' : undefined
  if (name.length < prefix.length + suffix.length) return undefined
  return name.startsWith(prefix) && name.endsWith(suffix)
    ? name.slice(prefix.length, name.length - suffix.length)
    : undefined
}

/** Whether some name fits both. */
export function overlaps(a: NamePattern, b: NamePattern): boolean {
  if (a.suffix === undefined) return captured(b, a.text) !== undefined
  if (b.suffix === undefined) return captured(a, b.text) !== undefined
  const starts = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)
  return starts && (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
}
