/** Whether names in templates, lists and conditions lead somewhere, and to which steps. */
import { follow, objectShape, outputShape, schemaShape, SCALAR } from './shape.ts'
import type { Shape } from './shape.ts'
import type { StepOptions } from './options.ts'
import type { Path } from './path.ts'
import type { Template } from './template.ts'

const CONVERSATION: Shape = { kind: 'list', of: objectShape({ role: SCALAR, text: SCALAR }) }

/** The data of a run of these steps. */
export function dataShape(steps: { readonly [name: string]: StepOptions }): Shape {
  const outputs = Object.entries(steps).map(([name, { schema, each }]): [string, Shape] => {
    return [name, outputShape(schema && schemaShape(schema), each !== undefined)]
  })
  return objectShape({
    input: SCALAR,
    conversation: CONVERSATION,
    steps: { kind: 'object', fields: new Map(outputs) },
  })
}

/** The same for a step that runs for each item of a list. */
export function withItem(data: Shape, item: Shape): Shape {
  if (data.kind !== 'object') return data
  return { ...data, fields: new Map([...data.fields, ['item', item], ['index', SCALAR]]) }
}

/** Follows the names of one step. */
export class References {
  /** Steps that it refers to. */
  readonly steps = new Set<string>()
  readonly #data: Shape

  constructor(data: Shape) {
    this.#data = data
  }

  /** @throws SyntaxError that says which name leads nowhere */
  follow(path: Path): Shape {
    const shape = follow(this.#data, path)
    if (path[0] !== 'steps') return shape
    if (path[1] === undefined) throw new SyntaxError('"steps" alone says nothing: name one of them')
    this.steps.add(path[1])
    return shape
  }

  /** @param here item of the section around it @returns what is wrong, and where */
  check(template: Template, here?: Shape): string[] {
    return template.flatMap((node) => {
      if (typeof node === 'string') return []
      try {
        const shape = node.path[0] === '' ? inItem(here, node.path) : this.follow(node.path)
        if (node.kind === 'value') return isPrintable(shape) ? [] : [`${node.place}: ${cure(node.path)}`]
        const isItem = node.kind === 'section' && (shape.kind === 'list' || shape.kind === 'any')
        return this.check(node.body, isItem ? (shape.kind === 'list' ? shape.of : shape) : here)
      } catch (error) {
        return [`${node.place}: ${(error as Error).message}`]
      }
    })
  }
}

function inItem(here: Shape | undefined, path: Path): Shape {
  if (here) return follow(here, path.slice(1))
  throw new SyntaxError(`unknown name "${path.slice(1).join('.')}": only the section of a list has names of its own`)
}

function isPrintable(shape: Shape): boolean {
  return shape.kind !== 'object' || !shape.step
}

function cure(path: Path): string {
  return `"${path.join('.')}" is a step: write ${path.join('.')}.text`
}
