/** How the CLI speaks: results on standard output, what went wrong on standard error. */
import { styleText } from 'node:util'
import { GatewayError } from '../errors.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours only where a terminal shows them. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

/** A line, or several, on standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Says on standard error what went wrong: each problem of a GatewayError, or the trace of a defect. */
export function complain(error: unknown): void {
  if (!GatewayError.is(error)) {
    const trace = error instanceof Error ? error.stack : String(error)
    process.stderr.write(`${styled('red', 'This is a defect of Sluice or of a plugin:', process.stderr)}\n${trace}\n`)
    return
  }
  const [title = '', ...rest] = error.message.split('\n')
  const untold = error.problems.filter((problem) => !error.message.includes(problem)).map((problem) => `  - ${problem}`)
  const head = `${styled('red', `error (${error.code}):`, process.stderr)} ${title}`
  process.stderr.write(`${[head, ...rest, ...untold].join('\n')}\n`)
}

/** Lines in which the cells of a column stand below each other. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, i) => Math.max(cell.length, most[i] ?? 0)), [])
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
