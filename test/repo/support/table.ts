/** The root README's table of who offers what. */
import { mockUpstream } from '@sluice/core/testing'
import { VENDORS } from '@sluice/provider-compatible'
import { bootWith } from './additions.ts'
import { dialectPlugins, providerPlugins } from './instances.ts'
import { offersOf, OPERATIONS } from './offers.ts'
import type { Offers } from './offers.ts'

const START = '<!-- support:start -->'
const END = '<!-- support:end -->'
const STREAMED = ' ▸'
const ESTIMATED = '≈'

/** `readme` with the table between its marks. Throws if it has no marks. */
export async function withSupportTable(readme: string): Promise<string> {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`README.md has no place for its table: ${START} ${END}`)
  return `${readme.slice(0, start)}${START}\n${await supportTable()}${readme.slice(end)}`
}

async function supportTable(): Promise<string> {
  const found = await offersOfAll()
  const operations = OPERATIONS.filter((operation) =>
    [...found.values()].some((offers) => offers.get(operation)?.length),
  )
  const rows = new Map<string, string[]>()
  for (const [id, offers] of found) {
    const cells = operations.map((operation) => cellOf(offers, operation)).join(' | ')
    rows.set(cells, [...(rows.get(cells) ?? []), nameOf(id)])
  }
  const head = ['provider', ...operations]
  const lines = [...rows].map(([cells, names]) => `| ${names.join(', ')} | ${cells} |\n`)
  return [`| ${head.join(' | ')} |\n`, `| ${head.map(() => '---').join(' | ')} |\n`, ...lines].join('')
}

/** By the id of the provider. */
async function offersOfAll(): Promise<Map<string, Offers>> {
  await using upstream = await mockUpstream()
  const additions = await bootWith([...dialectPlugins(), ...providerPlugins(upstream.url)])
  const found = new Map<string, Offers>()
  try {
    for (const [id, provider] of additions.providers) found.set(id, await offersOf(id, provider, additions, upstream))
  } finally {
    await additions.gateway.close()
  }
  return found
}

/** Where nobody counts, the gateway does. */
function cellOf(offers: Offers, operation: (typeof OPERATIONS)[number]): string {
  const forms = offers.get(operation) ?? []
  if (forms.length > 0) return forms.map(({ dialect, isStreamed }) => dialect + (isStreamed ? STREAMED : '')).join(', ')
  return operation === 'count-tokens' && (offers.get('chat') ?? []).length > 0 ? ESTIMATED : '–'
}

function nameOf(id: string): string {
  const plugin = id in VENDORS ? 'compatible' : id === 'vertex-claude' ? 'vertex' : id
  return `[${id}](plugins/provider-${plugin})`
}
