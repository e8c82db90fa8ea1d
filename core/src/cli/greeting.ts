/** What `sluice start` says when it is ready: where, what it serves, and how to try it. */
import type { Gateway } from '../gateway.ts'
import type { GatewayInspection } from '../inspect.ts'
import type { JsonObject } from '../model.ts'
import { styled } from './report.ts'

/** How a client of each dialect asks a question. */
const QUESTIONS: { [dialect: string]: { path: string; headers: string[]; fields: JsonObject; key: string } } = {
  'openai-chat': { path: '/v1/chat/completions', headers: [], fields: {}, key: 'authorization: Bearer' },
  anthropic: {
    path: '/v1/messages',
    headers: ['anthropic-version: 2023-06-01'],
    fields: { max_tokens: 1024 },
    key: 'x-api-key:',
  },
}

export function greeting(gateway: Gateway, url: string): string {
  const inspection = gateway.inspect()
  const ready = `Sluice is ready at ${url}`
  const took = `(revision ${gateway.revision}, ${Math.round(performance.now())} ms)`
  const names = modelNames(gateway, inspection)
  const models = names.length > 0 ? names : ['none: add a provider plugin to the config']
  const command = question(gateway, inspection, url)
  return [
    `${styled(['bold', 'green'], ready)} ${took}`,
    '',
    'Models:',
    ...models.map((name) => `  ${name}`),
    ...gateway.announcements().flatMap(({ text }) => ['', text]),
    ...(command ? ['', 'Try it:', `  ${command}`] : []),
    '',
  ].join('\n')
}

/** Names that clients may send. A provider with an address that does not list its models takes any. */
function modelNames(gateway: Gateway, { providers }: GatewayInspection): string[] {
  const names = gateway.models().map(({ name }) => name)
  const isListed = (id: string): boolean => names.some((name) => name.startsWith(`${id}/`))
  const open = providers.filter(({ id, address }) => address?.startsWith('http') && !isListed(id))
  return [...names, ...open.map(({ id }) => `${id}/<any model>`)]
}

/** A command for a POSIX shell that asks the first model: one of an upstream, if there is one. */
function question(
  gateway: Gateway,
  { providers, dialects, hooks }: GatewayInspection,
  url: string,
): string | undefined {
  const dialect = Object.keys(QUESTIONS).find((name) => dialects.includes(name))
  const remote = new Set(providers.filter(({ kind }) => kind === 'wire').map(({ id }) => id))
  const models = gateway.models()
  const model = models.find(({ owners }) => owners.some((id) => remote.has(id))) ?? models[0]
  if (!dialect || !model) return undefined
  const { path, headers, fields, key } = QUESTIONS[dialect]!
  const body = { model: model.name, ...fields, messages: [{ role: 'user', content: 'Hello!' }] }
  // Who checks keys will refuse a question without one.
  const apiKey = gateway.announcements().find((announcement) => announcement.apiKey)?.apiKey ?? '$SLUICE_API_KEY'
  const credential = hooks.authenticate.length > 0 ? [`-H "${key} ${apiKey}"`] : []
  const given = ['content-type: application/json', ...headers].map((header) => `-H ${quoted(header)}`)
  return [`curl ${reachable(url)}${path}`, ...credential, ...given, `-d ${quoted(JSON.stringify(body))}`].join(
    ' \\\n    ',
  )
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** "All addresses" is where a server listens, not where a client goes. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}
