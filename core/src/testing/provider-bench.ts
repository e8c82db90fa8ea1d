/** A gateway with one provider in front of a mock upstream, and a client of its dialect. Part of `testProvider`. */
import assert from 'node:assert/strict'
import type { Dialect, RequestPlace } from '../dialect.ts'
import { createHooks, hooksFor } from '../hooks.ts'
import type { JsonObject } from '../model.ts'
import type { PluginInstance, SetupContext } from '../plugin.ts'
import { REPLY_CONTEXT, write } from './dialect-subject.ts'
import { mockUpstream } from './mock-upstream.ts'
import type { MockUpstream } from './mock-upstream.ts'
import { json, sse } from './replies.ts'
import { SAMPLE_REQUESTS, SAMPLE_RESPONSES, SAMPLE_STREAMS } from './samples.ts'
import { createTestGateway } from './test-gateway.ts'
import type { TestGateway, TestReply } from './test-gateway.ts'
import type { UpstreamRequest } from './upstream-request.ts'

export const API_KEY = 'sk-upstream-0123456789abcdef'
export const CLIENT_KEY = 'sk-client-fedcba9876543210'

/** Every header in which clients send a credential. */
const CLIENT_CREDENTIALS = {
  authorization: `Bearer ${CLIENT_KEY}`,
  'proxy-authorization': `Bearer ${CLIENT_KEY}`,
  'x-api-key': CLIENT_KEY,
  'api-key': CLIENT_KEY,
  'x-goog-api-key': CLIENT_KEY,
  cookie: `session=${CLIENT_KEY}`,
}

export interface BenchParts {
  /** Makes the provider for the address of the upstream. */
  provider: (upstreamUrl: string) => PluginInstance
  dialectPlugin: PluginInstance
  /** A model's name at the provider. */
  model: string
  /** Where clients of the dialect ask the model `sample`, if the path names it. Default: as the dialect's endpoints say. */
  clientPaths?: { chat: string; stream: string } | undefined
}

export interface Bench {
  upstream: MockUpstream
  gateway: TestGateway
  /** Sends a sample request as a client of the dialect, with the client's credential in every place. */
  ask: (stream: boolean) => Promise<TestReply>
  /** The same for an upstream that answers well; gives the request that reached it. */
  askWell: (stream: boolean) => Promise<UpstreamRequest>
}

/** Boots the bench, runs `use` and cleans up. */
export async function onBench(parts: BenchParts, use: (bench: Bench) => Promise<void>): Promise<void> {
  const dialect = dialectOf(parts.dialectPlugin)
  const { codec, pathFor } = chatOf(dialect)
  await using upstream = await mockUpstream()
  const provider = parts.provider(upstream.url)
  await using gateway = await createTestGateway({
    server: { logLevel: 'trace' },
    models: { sample: `subject/${parts.model}` },
    plugins: [parts.dialectPlugin, { ...provider, settings: { ...provider.settings, id: 'subject' } }],
  })

  const ask = (stream: boolean): Promise<TestReply> => {
    const body = codec.encodeRequest({ ...SAMPLE_REQUESTS.text, stream }, { model: 'sample', drop: () => {} })
    const path = parts.clientPaths?.[stream ? 'stream' : 'chat'] ?? pathFor(body, stream)
    const query = `${path.includes('?') ? '&' : '?'}key=${CLIENT_KEY}`
    return gateway.request(path + query, { headers: CLIENT_CREDENTIALS, body })
  }
  const askWell = async (stream: boolean): Promise<UpstreamRequest> => {
    const headers = { 'content-type': codec.stream.contentType }
    upstream.reply(
      stream
        ? sse(write(codec, SAMPLE_STREAMS.text, REPLY_CONTEXT), { headers })
        : json(codec.encodeResponse(SAMPLE_RESPONSES.text, REPLY_CONTEXT)),
    )
    const reply = await ask(stream)
    assert.equal(reply.status, 200, reply.text)
    assert.equal(upstream.requests.length, 1)
    return upstream.request()
  }
  await use({ upstream, gateway, ask, askWell })
}

/** What `plugin` adds. What it taps is not run. */
function dialectOf(plugin: PluginInstance): Dialect {
  const dialects: Dialect[] = []
  const { options, definition } = plugin
  const hooks = hooksFor({ id: definition.name, order: 0 }, createHooks({ timeout: 0, report: () => undefined }))
  const context = { options, hooks, addDialect: (dialect: Dialect) => dialects.push(dialect) }
  void definition.setup(context as unknown as SetupContext<never, never>)
  const [dialect] = dialects
  assert.ok(dialect, `the plugin ${plugin.definition.name} adds no dialect`)
  return dialect
}

function chatOf({ name, codecs, endpoints }: Dialect) {
  const codec = codecs.chat
  assert.ok(codec, `the dialect ${name} has no chat codec`)
  const places = endpoints.flatMap(({ operation, method, path }) =>
    operation === 'chat' && method === 'POST' ? placeOf(path) : [],
  )
  /** Where a client asks for the sample model: some dialects say it, and the stream mode, in the path. */
  const pathFor = (body: JsonObject, stream: boolean): string => {
    const bytes = Buffer.from(JSON.stringify(body))
    const place = places.find((each) => codec.inspect(body, bytes, each).stream === stream)
    assert.ok(place, `the dialect ${name} has no chat endpoint for ${stream ? 'streams' : 'whole answers'}`)
    return place.path
  }
  return { codec, pathFor }
}

/** The sample model's place on a route, e.g. `/model/*model/converse`. */
function placeOf(route: string): RequestPlace {
  const params: { [name: string]: string } = {}
  const path = route.replaceAll(/\\(.)|\{?[*:](\w+)\}?/g, (_, character?: string, name?: string) => {
    if (name !== undefined) params[name] = 'sample'
    return character ?? 'sample'
  })
  return { path, params }
}
