/** Counts what passed, for a table at the end of a run. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>()

  add(row: string, column: string): void {
    const counts = this.#counts.get(row) ?? new Map<string, number>()
    this.#counts.set(row, counts.set(column, (counts.get(column) ?? 0) + 1))
  }

  print(title: string): void {
    const columns = [...new Set([...this.#counts.values()].flatMap((counts) => [...counts.keys()]))]
    const rows = Array.from(this.#counts, ([row, counts]) => [row, ...columns.map((column) => counts.get(column) ?? 0)])
    const lines = [[title, ...columns], ...rows].map(([head, ...cells]) =>
      [String(head).padEnd(44), ...cells.map((cell) => String(cell).padStart(8))].join(''),
    )
    process.stdout.write(`${lines.join('\n')}\n`)
  }
}
