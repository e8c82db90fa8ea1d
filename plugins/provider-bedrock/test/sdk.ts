/** As much of AWS's own SDK as tests use. It is installed beside the tests that cross packages. */
import { createRequire } from 'node:module'

type Command = 'Converse' | 'ConverseStream' | 'CountTokens' | 'InvokeModel' | 'InvokeModelWithResponseStream'
type Client = { send(command: object): Promise<Reply>; destroy(): void }
/** Of a stream, the one field that holds its events. */
type Reply = { stream?: AsyncIterable<object>; body?: Uint8Array | AsyncIterable<object> }

const installed = createRequire(new URL('../../../test/package.json', import.meta.url))
const sdk = installed('@aws-sdk/client-bedrock-runtime') as {
  BedrockRuntimeClient: new (options: object) => Client
} & { [name in `${Command}Command`]: new (input: object) => object }
const { NodeHttpHandler } = createRequire(installed.resolve('@aws-sdk/client-bedrock-runtime'))(
  '@smithy/node-http-handler',
) as { NodeHttpHandler: new () => object }

/** A client of the gateway: its key is a bearer token. */
const BEARER = { token: { token: 'client-key' }, authSchemePreference: ['httpBearerAuth'] }

/** A client of Bedrock itself, which signs. A mock upstream speaks no HTTP/2. */
export function signing(credentials: object): object {
  return { credentials: { ...credentials }, requestHandler: new NodeHttpHandler() }
}

/** Sends one command, once. @returns the answer, or the events of the stream */
export async function sendWithSdk(
  endpoint: string,
  command: Command,
  input: object,
  options: object = BEARER,
): Promise<object[]> {
  const client = new sdk.BedrockRuntimeClient({ endpoint, region: 'eu-central-1', maxAttempts: 1, ...options })
  try {
    const reply = await client.send(new sdk[`${command}Command`](input))
    const { stream = reply.body } = reply
    if (!stream || !(Symbol.asyncIterator in stream)) return [reply]
    const events: object[] = []
    for await (const event of stream) events.push(event)
    return events
  } finally {
    client.destroy()
  }
}

/** A conversation, as Converse takes it. */
export const MESSAGES = [{ role: 'user', content: [{ text: 'Grüße' }] }]
