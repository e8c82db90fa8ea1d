import { GatewayError } from '@sluice/core'
import type { Data } from './data.ts'
import { valueAt } from './path.ts'
import type { Path } from './path.ts'
import type { Template } from './template.ts'

/** Characters of a text that is made or taken over, at most. */
export const LONGEST = 1_000_000

/** Fills a template in. @throws GatewayError `request_too_large` if the text would be longer than `LONGEST` characters */
export function render(template: Template, data: Data): string {
  return new Renderer(data).render(template)
}

class Renderer {
  readonly #data: Data
  #text = ''
  /** Characters written and nodes visited: lists within lists may write nothing for long. */
  #work = 0

  constructor(data: Data) {
    this.#data = data
  }

  render(template: Template): string {
    this.#write(template, undefined)
    return this.#text
  }

  /** @param here item of the section around it */
  #write(nodes: Template, here: unknown): void {
    for (const node of nodes) {
      if (typeof node === 'string') {
        this.#add(node)
        continue
      }
      const value = this.#valueOf(node.path, here)
      if (node.kind === 'value') this.#add(textOf(value))
      else if (node.kind === 'inverted') this.#when(!holds(value), node.body, here)
      else if (Array.isArray(value)) for (const item of value) this.#when(true, node.body, item)
      else this.#when(holds(value), node.body, here)
    }
  }

  #when(holds: boolean, body: Template, here: unknown): void {
    this.#add('')
    if (holds) this.#write(body, here)
  }

  #valueOf(path: Path, here: unknown): unknown {
    return path[0] === '' ? valueAt(here, path, 1) : valueAt(this.#data, path)
  }

  #add(text: string): void {
    this.#work += text.length + 1
    if (this.#work > LONGEST) {
      throw new GatewayError('request_too_large', `its text would be longer than ${LONGEST} characters.`)
    }
    this.#text += text
  }
}

/** Whether there is something: not null, false, 0, an empty text or an empty list. */
function holds(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}

/** What is no text is JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
