import type { JsonObject, Part } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { foreignPart, foreignTool, refuseStoredFiles } from '../src/index.ts'

describe('what only another dialect has', () => {
  test.each<[value: JsonObject, name: string]>([
    [{ type: 'web_search_20250305', name: 'web_search' }, 'web_search_20250305'],
    [{ name: 'my_tool' }, 'my_tool'],
    [{ googleSearch: {} }, 'googleSearch'],
    [{}, 'nameless'],
  ])('is named by what it says of itself: %j', (value, name) => {
    const error = foreignTool({ type: 'raw', dialect: 'x', value }, 2, 'Claude')
    expect(error).toMatchObject({ code: 'invalid_request', param: 'tools[2]' })
    expect(error.message).toContain(`"${name}"`)
  })

  test('is named with its path, if it is a part', () => {
    const error = foreignPart({ type: 'raw', dialect: 'x', value: { videoMetadata: {} } }, 'Claude', 'messages[1]')
    expect(error).toMatchObject({ code: 'invalid_request', param: 'messages[1]' })
    expect(error.message).toContain('"videoMetadata"')
  })
})

describe('files that are stored elsewhere', () => {
  const file: Part = { type: 'file', source: { kind: 'file', id: 'file-1' } }
  const bytes: Part = { type: 'file', source: { kind: 'base64', data: 'QQ==', mediaType: 'text/plain' } }

  test.each<[at: string, parts: Part[]]>([
    ['messages[1].content[1]', [bytes, file]],
    ['messages[1].content[0].content[1]', [{ type: 'tool-result', callId: 'c', content: [bytes, file] }]],
  ])('are refused at %s', (param, parts) => {
    const messages = [
      { role: 'user' as const, parts: [bytes] },
      { role: 'user' as const, parts },
    ]
    expect(() => refuseStoredFiles(messages, 'Claude')).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })

  test('are no others', () => {
    expect(() => refuseStoredFiles([{ role: 'user', parts: [bytes, { type: 'text', text: 'Hi' }] }], 'C')).not.toThrow()
  })
})
