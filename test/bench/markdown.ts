/** A titled table; the first column is text, the others are figures. Undefined cells show as a dash. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'))
  const lines = [head, rule, ...rows].map((cells) => `| ${cells.map((cell) => cell ?? '–').join(' | ')} |`)
  return `### ${title}\n\n${lines.join('\n')}\n`
}
