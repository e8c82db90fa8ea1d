/** An upstream that does as it is told, and what it would ask for that: worked out in another way than the gateway does. */
import { request as open } from 'node:http'
import { once } from 'node:events'
import type { JsonObject } from '@sluice/core'
import { cutMidStream, json, sse, stallMidStream } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import fc from 'fast-check'
import { CHAT, completion, PRICES } from './setting.ts'
import type { Setting } from './setting.ts'

export type Order = {
  how: 'whole' | 'stream' | 'fallback' | 'error' | 'leaves' | 'cut' | 'cut uncounted'
  model: 'plain' | 'tiered' | 'free'
  usage: { text: number; cached: number; written: number; sound: number; said: number; thought: number }
  answer: string
}

const count = fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(1_000_000))
export const order: fc.Arbitrary<Order> = fc.record({
  how: fc.constantFrom('whole', 'stream', 'fallback', 'error', 'leaves', 'cut', 'cut uncounted'),
  model: fc.constantFrom('plain', 'tiered', 'free'),
  usage: fc.record({ text: count, cached: count, written: count, sound: count, said: count, thought: count }),
  answer: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 }),
})

const chunk = (choices: JsonObject[], more: JsonObject = {}): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })}\n\n`

/** Answers each request as its message says. */
export const obedient: UpstreamReply = (request, response) => {
  const { messages } = request.json() as { messages: { content: string }[] }
  const { how, usage, answer } = JSON.parse(messages[0]!.content) as Order
  const { text, cached, written, sound, said, thought } = usage
  const prompt = text + cached + written + sound
  const counts = {
    prompt_tokens: prompt,
    completion_tokens: said + thought,
    total_tokens: prompt + said + thought,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: sound },
    completion_tokens_details: { reasoning_tokens: thought },
  }
  const words = chunk([{ index: 0, delta: { role: 'assistant', content: answer }, finish_reason: null }])
  const end = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
  const usageChunk = chunk([], { usage: counts })
  const all = words + end + usageChunk
  const isBroken = request.path.startsWith('/broken') || how === 'error'
  if (isBroken) return json({ error: { message: 'no' } }, { status: 500 })(request, response)
  if (how === 'stream') return sse(`${all}data: [DONE]\n\n`)(request, response)
  if (how === 'leaves') return stallMidStream(all, all.length)(request, response)
  if (how === 'cut') return cutMidStream(all, all.length)(request, response)
  if (how === 'cut uncounted') return cutMidStream(words, words.length)(request, response)
  return json(completion(counts))(request, response)
}

/** Nano-dollars. */
export function priceOf({ how, model, usage, answer }: Order, bytesIn: number): bigint {
  if (how === 'error') return 0n
  const { text, cached, written, sound, said, thought } = usage
  if (how === 'cut uncounted')
    return bill(model, { input: Math.ceil(bytesIn / 4), output: Math.ceil(answer.length / 4) })
  return bill(model, {
    input: text,
    cacheRead: cached,
    cacheWrite: written,
    audio: sound,
    output: said,
    reasoning: thought,
  })
}

type Counts = { [kind: string]: number }

function bill(model: Order['model'], counts: Counts): bigint {
  const { tiers = [], ...base } = PRICES[`vllm/${model}`] as Counts & { tiers?: (Counts & { above: number })[] }
  const { input = 0, cacheRead = 0, cacheWrite = 0, audio = 0 } = counts
  const asked = input + cacheRead + cacheWrite + audio
  const rates: Counts = { ...base, ...tiers.find(({ above }) => asked > above) }
  let total = 0n
  for (const [kind, tokens] of Object.entries(counts)) {
    const dollars = rates[kind] ?? rates[kind === 'reasoning' ? 'output' : 'input']!
    total += BigInt(tokens) * BigInt(Math.round(dollars * 1e9))
  }
  return (total + 500_000n) / 1_000_000n
}

/** Sends the order as a client would. @returns the bytes of its body */
export async function place(order: Order, setting: Setting, as: string): Promise<number> {
  const isStream = order.how !== 'whole' && order.how !== 'fallback'
  const body = JSON.stringify({
    model: order.how === 'fallback' ? `second-${order.model}` : `vllm/${order.model}`,
    messages: [{ role: 'user', content: JSON.stringify(order) }],
    ...(isStream && { stream: true, stream_options: { include_usage: true } }),
  })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${as}` }
  if (order.how === 'leaves') await leave(setting.gateway.url + CHAT, headers, body)
  else await setting.gateway.request(CHAT, { body, headers })
  return Buffer.byteLength(body)
}

/** A client that goes as soon as it has seen the usage. */
async function leave(url: string, headers: { [name: string]: string }, body: string): Promise<void> {
  const request = open(url, { method: 'POST', headers, agent: false })
  request.on('error', () => undefined)
  request.end(body)
  const [reply] = (await once(request, 'response')) as [AsyncIterable<Buffer>]
  let text = ''
  for await (const piece of reply) {
    text += piece.toString()
    if (text.includes('"total_tokens"')) break
  }
  request.destroy()
}
