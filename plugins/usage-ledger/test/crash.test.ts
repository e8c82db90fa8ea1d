import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { Agent, request as open } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { json, mockUpstream, sse } from '@sluice/core/testing'
import type { UpstreamReply } from '@sluice/core/testing'
import { expect, test } from 'vitest'
import { FileJournal, journalPlugin } from './support/journals.ts'
import { completion, setUp, until } from './support/setting.ts'

const counts = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' }
const stream = [
  { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] },
  { ...chunk, choices: [], usage: counts },
]
const frames = `${stream.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
const answer: UpstreamReply = (request, response) =>
  request.json()['stream'] === true ? sse(frames)(request, response) : json(completion(counts))(request, response)

async function start(baseUrl: string, spool: string, file: string): Promise<{ child: ChildProcess; url: string }> {
  const program = new URL('support/crashing-gateway.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, baseUrl, spool, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, url }
}

type Seen = { sent: number; whole: string[]; begun: string[] }

/** Asks until the gateway is gone. @returns how often, and the ids of the replies that came whole, and of all that began */
async function ask(url: string, isStream: boolean, agent: Agent): Promise<Seen> {
  const seen: Seen = { sent: 0, whole: [], begun: [] }
  const body = JSON.stringify({ model: 'vllm/m', messages: [{ role: 'user', content: 'Hi' }], stream: isStream })
  for (;;) {
    try {
      const request = open(`${url}/v1/chat/completions`, {
        agent,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      })
      const replied = once(request, 'response')
      request.end(body)
      seen.sent++
      const [reply] = (await replied) as [IncomingMessage]
      const id = String(reply.headers['x-request-id'])
      seen.begun.push(id)
      let text = ''
      for await (const piece of reply) text += String(piece)
      if (isStream ? text.includes('[DONE]') : text.endsWith('}')) seen.whole.push(id)
    } catch {
      return seen
    }
  }
}

test('a gateway that is killed at any moment loses nothing that a client got, and counts nothing twice', async () => {
  await using upstream = await mockUpstream()
  upstream.reply(answer)
  const home = mkdtempSync(join(tmpdir(), 'sluice-crash-'))
  const [spool, file] = [join(home, 'spool'), join(home, 'journal')]
  const seen: Seen = { sent: 0, whole: [], begun: [] }
  for (let round = 0; round < 4; round++) {
    const { child, url } = await start(`${upstream.url}/v1`, spool, file)
    const agent = new Agent({ keepAlive: true })
    const clients = Array.from({ length: 8 }, (_, index) => ask(url, index % 2 === 0, agent))
    await sleep(80 + Math.random() * 150)
    child.kill('SIGKILL')
    for (const each of await Promise.all(clients)) {
      seen.sent += each.sent
      seen.whole.push(...each.whole)
      seen.begun.push(...each.begun)
    }
    agent.destroy()
  }
  const journal = new FileJournal(file)
  {
    await using _ = await setUp({
      spool,
      plugins: [journalPlugin(journal)],
      config: { capabilities: { Journal: 'test-journal' } },
    })
    await until(() => readdirSync(spool).length === 0)
  }
  expect(seen.whole.length).toBeGreaterThan(50)
  const lost = seen.begun.filter((id) => !journal.rows.has(id))
  expect(lost).toEqual([])
  expect(journal.rows.size).toBeLessThanOrEqual(seen.sent)
  for (const id of seen.whole) {
    const { data } = journal.rows.get(id)!
    if (data['outcome'] === 'crashed') expect(data).toMatchObject({ estimated: true, target: 'vllm/m' })
    else expect(data).toMatchObject({ inputTokens: 10, outputTokens: 5, costNanoUsd: 15_000 })
  }
  // Throws if a row is in the file twice.
  expect(new FileJournal(file).rows.size).toBe(journal.rows.size)
  rmSync(home, { recursive: true, force: true })
}, 60_000)
