/** What vendors offer: dialect, operation and path of each thing. */
import type { DialectName, Operation } from '@sluice/core'

interface Offered {
  dialect: DialectName
  operation: Operation
  /** Below the address; forms and files, which pass unread, bring their own. */
  path?: string
}

export const OFFERS = {
  chat: { dialect: 'openai-chat', operation: 'chat', path: '/chat/completions' },
  responses: { dialect: 'openai-responses', operation: 'chat', path: '/responses' },
  completions: { dialect: 'openai-completions', operation: 'chat', path: '/completions' },
  embeddings: { dialect: 'openai-chat', operation: 'embeddings', path: '/embeddings' },
  rerank: { dialect: 'jina', operation: 'rerank', path: '/rerank' },
  'voyage-rerank': { dialect: 'voyage', operation: 'rerank', path: '/rerank' },
  moderations: { dialect: 'openai-chat', operation: 'moderations', path: '/moderations' },
  images: { dialect: 'openai-chat', operation: 'images', path: '/images/generations' },
  'image-edits': { dialect: 'openai-images', operation: 'images' },
  speech: { dialect: 'openai-chat', operation: 'speech', path: '/audio/speech' },
  transcription: { dialect: 'openai-audio', operation: 'transcription' },
  files: { dialect: 'openai-files', operation: 'files' },
} as const satisfies { readonly [name: string]: Offered }

export type Offer = keyof typeof OFFERS

/** The dialects that a vendor speaks beside `openai-chat`. */
export function dialectsOf(offers: readonly Offer[]): DialectName[] {
  const dialects = new Set<DialectName>(offers.map((offer) => OFFERS[offer].dialect))
  dialects.delete('openai-chat')
  return [...dialects]
}

/** Finds the path of what is asked; undefined for what is not offered. */
export function pathsOf(offers: readonly Offer[]): (operation: Operation, dialect: DialectName) => string | undefined {
  const paths = new Map(
    offers.map((offer) => {
      const { dialect, operation, path }: Offered = OFFERS[offer]
      return [`${dialect} ${operation}`, path]
    }),
  )
  return (operation, dialect) => paths.get(`${dialect} ${operation}`)
}
