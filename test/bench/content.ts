/** What is said in the benchmark, whatever the wire format: the same words in each. */

export type RequestSize = 'small' | 'large'
/** `held`: a stream that takes its time, to be looked at while it is under way. */
export type ReplyKind = 'json' | 'json-large' | 'burst' | 'paced' | 'held'

/** Milliseconds between two frames of a stream that is not sent at once. */
export const PACES = { paced: 5, held: 100 }

/** Text deltas of a streamed answer. */
export const DELTAS = 64

export const SYSTEM = 'You are a support engineer. Answer briefly, name the file you mean, and never guess.'
export const QUESTION = 'Why does the export job stop after the first page when the cursor is empty?'
const PARAGRAPHS = [
  'The job reads `cursor` from the last row it wrote, so an empty page ends it. In "export.ts" the loop condition is `while (cursor)`, which is false for the empty string the API sends between shards.\n\nChange it to compare with null:\n\n```ts\ndo {\n  const page = await fetchPage(cursor)\n  rows.push(...page.rows)\n  cursor = page.next\n} while (cursor !== null)\n```\n',
  'I ran it against the staging data set: 41 pages instead of one, and the totals match the nightly report — 8,214 rows. The only difference is the order of two rows that share a timestamp, which the report does not sort by id.',
  'Could you also say what happens when a page fails half-way? The log shows "ECONNRESET" twice on Tuesday and once on Friday, and each time the file on disk was shorter than the one before. I’d like to keep what was written and resume.',
  'Resuming is safe because every page carries its own cursor. Write the cursor beside the file after each flush; on start, read it back and truncate the file to the recorded length:\n\n| step | file | cursor |\n|---|---|---|\n| flush | append | write `cursor.tmp`, rename |\n| start | truncate | read |\n',
]

function prose(bytes: number): string {
  let text = ''
  for (let i = 0; Buffer.byteLength(text) < bytes; i++) text += PARAGRAPHS[i % PARAGRAPHS.length]
  return text
}

/** One turn of a conversation. */
export interface Turn {
  role: 'user' | 'assistant'
  content: string
}

/** What goes before the answer: a question of about 0.3 KB, or a chat of 60 turns in about 100 KB. */
export function turnsOf(size: RequestSize): Turn[] {
  const before = Array.from({ length: size === 'small' ? 0 : 60 }, (_, i): Turn => ({
    role: i % 2 ? 'assistant' : 'user',
    content: prose(i % 2 ? 2000 : 900),
  }))
  return [...before, { role: 'user', content: QUESTION }]
}

/** The words of an answer, piece by piece as a stream brings them. */
export function piecesOf(kind: ReplyKind): string[] {
  if (kind === 'json') return [prose(500)]
  if (kind === 'json-large') return [prose(98_000)]
  return Array.from({ length: DELTAS }, (_, i) => ` ${QUESTION.split(' ')[i % 13]}`)
}
