/** The frames of a recorded stream, read the slow and plain way. */
export interface Frame {
  /** '' if the frame names none. */
  event: string
  data: string
}

/** Comments are left out. */
export function framesOf(stream: Buffer | string): Frame[] {
  return stream
    .toString()
    .split(/\r?\n\r?\n/)
    .flatMap((block) => {
      const fields = block.split(/\r?\n/).map((line) => /^(event|data): ?(.*)$/.exec(line))
      const values = (name: string): string[] =>
        fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []))
      const data = values('data')
      return data.length === 0 ? [] : [{ event: values('event')[0] ?? '', data: data.join('\n') }]
    })
}
