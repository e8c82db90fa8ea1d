/** What is shown and played to the model. */
import type { ChatRequest, MediaPart, Source } from '@sluice/core'
import type { RequestFeature } from '../request-features.ts'
import { feature, says, text } from './build.ts'

const base64 = (data: string, mediaType: string): Source => ({ kind: 'base64', data, mediaType })
const url = (address: string): Source => ({ kind: 'url', url: address })
const shown = (part: MediaPart): Partial<ChatRequest> => ({ messages: [says('user', text('Hello'), part)] })

const PNG = base64('iVBORw0KGgo=', 'image/png')
const PDF = base64('JVBERi0xLjc=', 'application/pdf')

function one(name: string, part: MediaPart, mark: string, before?: MediaPart): RequestFeature {
  return feature(name, shown(part), [mark], before ? shown(before) : {})
}

export const media: readonly RequestFeature[] = [
  one('image, base64', { type: 'image', source: PNG }, 'iVBORw0KGgo='),
  one('image by address', { type: 'image', source: url('https://example.com/cat.png') }, 'https://example.com/cat.png'),
  one('image stored at the provider', { type: 'image', source: { kind: 'file', id: 'file-abc' } }, 'file-abc'),
  one('how closely to look', { type: 'image', source: PNG, detail: 'low' }, 'low', { type: 'image', source: PNG }),
  one('audio, base64', { type: 'audio', source: base64('UklGRg==', 'audio/wav') }, 'UklGRg=='),
  one('audio by address', { type: 'audio', source: url('https://example.com/a.wav') }, 'https://example.com/a.wav'),
  one('video, base64', { type: 'video', source: base64('AAAAIGZ0eXA=', 'video/mp4') }, 'AAAAIGZ0eXA='),
  one('video by address', { type: 'video', source: url('https://example.com/v.mp4') }, 'https://example.com/v.mp4'),
  one('PDF, base64', { type: 'file', source: PDF, name: 'a.pdf' }, 'JVBERi0xLjc='),
  one('PDF by address', { type: 'file', source: url('https://example.com/a.pdf') }, 'https://example.com/a.pdf'),
  one('text file', { type: 'file', source: { kind: 'text', text: 'Once upon', mediaType: 'text/plain' } }, 'Once upon'),
  one('file stored at the provider', { type: 'file', source: { kind: 'file', id: 'file-abc' } }, 'file-abc'),
  one('name of a file', { type: 'file', source: PDF, name: 'report.pdf' }, 'report', { type: 'file', source: PDF }),
]
