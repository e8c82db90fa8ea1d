/**
 * Templates without logic: `{{path}}` is a value, `{{#path}}…{{/path}}` stands for each item of a list or if there is
 * something, `{{^path}}…{{/path}}` if there is nothing, `{{! … }}` is a comment, `\{{` two braces. A tag of a section or
 * a comment that is alone on its line takes the line with it. Values are never read as templates.
 */
import { parsePath } from './path.ts'
import type { Path } from './path.ts'
import { ROOTS } from './data.ts'

export type Node = string | ValueNode | SectionNode
export type ValueNode = { kind: 'value'; path: Path; place: string }
export type SectionNode = { kind: 'section' | 'inverted'; path: Path; place: string; body: Node[] }
export type Template = readonly Node[]

const TAG = /\\\{\{|\{\{([^]*?)\}\}/g

/** @throws SyntaxError that says what is wrong, and in which line and column */
export function parseTemplate(text: string): Template {
  return new Parser(text).template()
}

class Parser {
  readonly #text: string
  readonly #root: Node[] = []
  /** Sections that are open, the innermost last. */
  readonly #open: SectionNode[] = []
  /** How far the text has been read. */
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  template(): Template {
    for (const match of this.#text.matchAll(TAG)) {
      const end = match.index + match[0].length
      if (match[1] === undefined) this.#literal('{{', match.index, end)
      else this.#tag(match[1], match.index, end)
    }
    const rest = this.#text.slice(this.#at)
    const stray = rest.indexOf('{{')
    if (stray >= 0) throw this.#mistake('"{{" without "}}"; two braces are written \\{{', this.#at + stray)
    this.#push(rest)
    const unclosed = this.#open.at(-1)
    if (unclosed) throw new SyntaxError(`${unclosed.place}: the section "${shown(unclosed.path)}" is never closed`)
    return this.#root
  }

  #tag(content: string, start: number, end: number): void {
    const [, sign = '', name = ''] = /^\s*([#^/!>&={]?)\s*([^]*?)\s*$/.exec(content)!
    switch (sign) {
      case '!':
        return this.#alone(start, end)
      case '#':
      case '^': {
        const kind = sign === '#' ? 'section' : 'inverted'
        const node: SectionNode = { kind, path: this.#path(name, start), place: this.#place(start), body: [] }
        this.#alone(start, end)
        this.#push(node)
        this.#open.push(node)
        return
      }
      case '/': {
        const open = this.#open.at(-1)
        if (!open || shown(open.path) !== shown(this.#path(name, start))) {
          const expected = open ? `expected {{/${shown(open.path)}}}` : 'no section is open'
          throw this.#mistake(`{{/${name}}} closes nothing: ${expected}`, start)
        }
        this.#alone(start, end)
        this.#open.pop()
        return
      }
      case '':
        return this.#literal({ kind: 'value', path: this.#path(name, start), place: this.#place(start) }, start, end)
      default:
        throw this.#mistake(`{{${sign} is not supported: nothing is escaped or included, write {{name}}`, start)
    }
  }

  /** Inside a section, what is no name of the root is one of the item. */
  #path(name: string, start: number): Path {
    if (name === '.') return ['']
    const path = parsePath(name.startsWith('.') ? name.slice(1) : name)
    if (!path) throw this.#mistake(`"${name}" is no name such as steps.topic.text`, start)
    return name.startsWith('.') || (this.#open.length > 0 && !ROOTS.includes(path[0]!)) ? ['', ...path] : path
  }

  #literal(node: Node, start: number, end: number): void {
    this.#push(this.#text.slice(this.#at, start))
    this.#push(node)
    this.#at = end
  }

  /** Passes over a tag, and over its line if there is nothing else on it. */
  #alone(start: number, end: number): void {
    const lineStart = this.#text.lastIndexOf('\n', start - 1) + 1
    const newline = this.#text.indexOf('\n', end)
    const lineEnd = newline < 0 ? this.#text.length : newline + 1
    const isAlone = (this.#text.slice(lineStart, start) + this.#text.slice(end, lineEnd)).trim() === ''
    this.#push(this.#text.slice(this.#at, isAlone ? lineStart : start))
    this.#at = isAlone ? lineEnd : end
  }

  #push(node: Node): void {
    if (node !== '') (this.#open.at(-1)?.body ?? this.#root).push(node)
  }

  #place(index: number): string {
    const lines = this.#text.slice(0, index).split('\n')
    return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
  }

  #mistake(what: string, index: number): SyntaxError {
    return new SyntaxError(`${this.#place(index)}: ${what}`)
  }
}

/** A path as it is written. */
export function shown(path: Path): string {
  return path.length === 1 && path[0] === '' ? '.' : path.join('.')
}
