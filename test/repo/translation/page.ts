/** The page that tells how a dialect's clients fare with upstreams of the others. */
import { DIALECTS } from '../../support/dialect-names.ts'
import type { DialectName } from '../../support/dialect-names.ts'
import { UPSTREAM_MODELS } from './models.ts'
import type { Outcome, RequestRow } from './outcome.ts'
import { replyRows } from './reply-rows.ts'
import type { ReplyRow } from './reply-rows.ts'
import { requestRows } from './request-rows.ts'
import type { Dropped, Pair } from './sending.ts'

const INTRODUCTION = `# Translation

How requests of this plugin's clients reach upstreams of other dialects, and how their answers come back. Made by running
the codecs on samples: \`UPDATE_README=1 pnpm vitest run --config test/vitest.config.ts test/repo/translation.test.ts\`
writes this page, and without \`UPDATE_README\` the same test holds it against the code.

Paths are those of fields in the JSON, \`[]\` for any place in a list. Where a thing has no name of its own, what is said
for it stands with its value; in streams, the name of the event stands in front. A feature that the client's dialect has no words for has no row. *Reported* is what the
gateway lists in \`x-sluice-dropped-params\`; with \`server.strictParams\` it refuses instead. What a codec writes depends on
what the model takes, so each table names one; a provider may leave out more.
`

/** @param clients the plugin's own dialects */
export function translationPage(clients: readonly DialectName[]): string {
  const pairs = clients.flatMap((client) =>
    DIALECTS.filter((upstream) => upstream !== client).map((upstream): Pair => ({ client, upstream })),
  )
  return [INTRODUCTION, ...pairs.map(section)].join('\n')
}

function section(pair: Pair): string {
  const { client, upstream } = pair
  return `## ${client} client, ${upstream} upstream

Model: \`${UPSTREAM_MODELS[upstream]}\`

${table(['Request', `\`${client}\` says`, `\`${upstream}\` gets`], requestRows(pair).map(requestCells))}
${table(['Answer', `\`${upstream}\` says`, `\`${client}\` gets`, 'streamed'], replyRows(pair).map(replyCells))}`
}

function requestCells({ name, said, outcome, isDispensable }: RequestRow): string[] {
  return [
    name,
    said.length > 0 ? listed(said) : 'it never got it',
    isDispensable && outcome.kind === 'silent' ? 'not needed' : told(outcome),
  ]
}

function replyCells({ name, said, whole, streamed }: ReplyRow): string[] {
  const events = [...streamed].map(([event, places]) => (event === '' ? '' : `${event}: `) + listed(places))
  return [
    name,
    listed(said),
    whole.length > 0 ? listed(whole) : 'not carried',
    events.length > 0 ? events.join('; ') : 'not carried',
  ]
}

function told(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'carried':
      return [listed(outcome.places), ...reports(outcome.dropped)].join('; ')
    case 'removed':
      return `no ${listed([...new Set(outcome.paths.map((path) => path.replace(/\[\].*$/, '')))])}`
    case 'dropped':
      return `not carried; ${reports(outcome.dropped).join('; ')}`
    case 'refused':
      return `refused: ${outcome.message}`
    case 'silent':
      return 'not carried, not reported'
  }
}

function reports(dropped: readonly Dropped[]): string[] {
  return dropped.length === 0 ? [] : [`reported ${dropped.map(({ param, why }) => `\`${param}\`: ${why}`).join(', ')}`]
}

/** More than these say no more. */
const MOST = 4

function listed(places: readonly string[]): string {
  const some = places.slice(0, MOST).map((place) => `\`${place}\``)
  return places.length > MOST ? `${some.join(', ')}, …` : some.join(', ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('')
}
