import { didYouMean, milliseconds } from '@sluice/core'
import type { ChatRequest } from '@sluice/core'
import { AnswerSchema } from './answer-schema.ts'
import type { Question, Step } from './chain.ts'
import { compileCondition, isEmpty, pathOf } from './condition.ts'
import type { Data, Output } from './data.ts'
import type { Condition, StepOptions } from './options.ts'
import { parsePath } from './path.ts'
import { References, withItem } from './references.ts'
import { ANY } from './shape.ts'
import type { Shape } from './shape.ts'
import { parseTemplate } from './template.ts'
import type { Template } from './template.ts'

type Draft = Omit<Step, 'isNeeded'>

/** What has no place in a step without a model; options that have defaults are there in any case. */
const OF_MODELS = [
  'system',
  'prompt',
  'temperature',
  'maxTokens',
  'stop',
  'effort',
  'schema',
  'fallback',
  'onError',
] as const

/** Reads the steps of one chain, and takes down what is wrong with them. */
export class StepCompiler {
  readonly #names: readonly string[]
  readonly #data: Shape
  readonly #problems: string[]

  constructor(names: readonly string[], data: Shape, problems: string[]) {
    this.#names = names
    this.#data = data
    this.#problems = problems
  }

  /** @param at where it stands in the options */
  compile(name: string, given: StepOptions, at: string): Draft {
    const outer = new References(this.#data)
    const each = this.#each(given, at, outer)
    const inner = new References(each ? withItem(this.#data, each.item) : this.#data)
    const template = (field: 'system' | 'prompt' | 'set'): Template | undefined => {
      const text = given[field]
      return text === undefined ? undefined : this.#template(text, `${at}.${field}`, inner)
    }
    const work = this.#isSet(given, at)
      ? { set: template('set') ?? [] }
      : { ...this.#question(given, at), system: template('system'), prompt: template('prompt') }
    const runs = this.#condition(given, at, outer)
    const after = (given.after ?? []).filter((step) => this.#isStep(step, `${at}.after`))
    const needs = [...new Set([...outer.steps, ...inner.steps, ...after])]
    return { name, needs, runs, each: each && { path: each.path, most: given.maxItems ?? 50 }, work }
  }

  /** Whether the step is a text of its own; if not it asks a model. */
  #isSet(given: StepOptions, at: string): boolean {
    const { set, model, prompt, messages } = given
    if ((set === undefined) === (model === undefined)) {
      this.#problems.push(`${at}: give it either a model to ask or a text to set`)
    } else if (set !== undefined) {
      const stray = OF_MODELS.filter((field) => given[field] !== undefined)
      if (stray.length > 0) this.#problems.push(`${at}.${stray[0]}: has no meaning in a step that asks no model`)
    } else if (prompt === undefined && !messages) {
      this.#problems.push(`${at}: has nothing to ask: give it a prompt, or messages: true`)
    }
    return set !== undefined
  }

  #template(text: string, at: string, references: References): Template {
    const template = this.#tried(at, () => parseTemplate(text)) ?? []
    this.#problems.push(...references.check(template).map((problem) => `${at}: ${problem}`))
    return template
  }

  #each(
    { each }: StepOptions,
    at: string,
    references: References,
  ): { path: readonly string[]; item: Shape } | undefined {
    if (each === undefined) return undefined
    return (
      this.#tried(`${at}.each`, () => {
        const path = parsePath(each)
        if (!path) throw new SyntaxError(`"${each}" is no name such as steps.topic.json.items`)
        const shape = references.follow(path)
        if (shape.kind !== 'list' && shape.kind !== 'any') throw new SyntaxError(`"${each}" is no list`)
        return { path, item: shape.kind === 'list' ? shape.of : ANY }
      }) ?? { path: [], item: ANY }
    )
  }

  #question(given: StepOptions, at: string): Omit<Question, 'system' | 'prompt'> {
    const { model = '', messages = false, retries = 0, timeout = '2m', fallback = {}, onError = 'fail' } = given
    const schema = given.schema && this.#tried(`${at}.schema`, () => new AnswerSchema(given.schema!))
    const standIn = (text: string, where: string): Output => {
      const read = schema?.read(text)
      if (read && 'problem' in read)
        this.#problems.push(`${at}.${where}.text: does not fit the schema: ${read.problem}`)
      return read && 'json' in read ? read : { text }
    }
    const { step } = fallback
    if (step !== undefined) this.#isStep(step, `${at}.fallback.step`)
    if (fallback.text !== undefined && given.onError !== undefined) {
      this.#problems.push(`${at}.onError: is never come to, since the fallback is a text`)
    }
    return {
      model,
      messages,
      retries,
      schema,
      timeout: milliseconds(timeout),
      parameters: parametersOf(given),
      fallback: fallback.model !== undefined ? { model: fallback.model } : step !== undefined ? { step } : undefined,
      onError:
        fallback.text !== undefined
          ? standIn(fallback.text, 'fallback')
          : typeof onError === 'string'
            ? onError
            : standIn(onError.text, 'onError'),
    }
  }

  #condition(given: StepOptions, at: string, references: References): (data: Data) => boolean {
    const compiled = (field: 'if' | 'unless'): ((data: Data) => boolean) | undefined => {
      const condition = given[field]
      return condition && this.#tests(condition, `${at}.${field}`, references)
    }
    const holds = compiled('if')
    const forbids = compiled('unless')
    return (data) => (holds?.(data) ?? true) && !forbids?.(data)
  }

  #tests(condition: Condition, at: string, references: References): (data: Data) => boolean {
    for (const test of [condition, ...(condition.and ?? [])]) {
      if (isEmpty(test))
        this.#problems.push(`${at}: says nothing of ${pathOf(test)}: give it equals, in, matches, exists, gt, …`)
      this.#tried(at, () => {
        const path = parsePath(pathOf(test))
        if (!path) throw new SyntaxError(`"${test.path}" is no name such as json.label`)
        references.follow(path)
      })
    }
    return compileCondition(condition)
  }

  #isStep(name: string, at: string): boolean {
    if (this.#names.includes(name)) return true
    this.#problems.push(`${at}: there is no step "${name}".${didYouMean(name, this.#names)}`)
    return false
  }

  #tried<T>(at: string, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#problems.push(`${at}: ${(error as Error).message}`)
      return undefined
    }
  }
}

function parametersOf({ temperature, maxTokens, stop, effort }: StepOptions): Partial<ChatRequest> {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(effort !== undefined && { reasoning: { effort } }),
  }
}
