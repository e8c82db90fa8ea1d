import type { JsonObject } from '@sluice/core'

export type ResponseEvent = JsonObject & { type: string; sequence_number: number; response?: JsonObject }

/** The events of a stream, whose names and numbers must be right. */
export function eventsIn(text: string, from = 0): ResponseEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame, index) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? []
      const event = JSON.parse(data ?? 'null') as ResponseEvent
      if (event?.type !== name || event.sequence_number !== from + index) throw new Error(`unexpected: ${frame}`)
      return event
    })
}

/** All that a response says. */
export function textOf(response: JsonObject | undefined): string {
  const items = response?.output as { content?: { text?: string }[] }[]
  return items.flatMap(({ content = [] }) => content.map(({ text }) => text ?? '')).join('')
}
