/** As much of AWS's own SDK as tests use. It is installed beside the tests that cross packages. */
import { createRequire } from 'node:module'

interface Sdk {
  BedrockRuntimeClient: new (options: object) => { send(command: object): Promise<never>; destroy(): void }
  ConverseCommand: new (input: object) => object
  ConverseStreamCommand: new (input: object) => object
}

const installed = createRequire(new URL('../../../test/package.json', import.meta.url))
const { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } = installed(
  '@aws-sdk/client-bedrock-runtime',
) as Sdk
const { NodeHttpHandler } = createRequire(installed.resolve('@aws-sdk/client-bedrock-runtime'))(
  '@smithy/node-http-handler',
) as { NodeHttpHandler: new () => object }

const MESSAGES = [{ role: 'user', content: [{ text: 'Grüße' }] }]

/** Asks `endpoint`, over HTTP/1.1 and once. @returns the answer, or the events of the stream */
export async function askWithSdk(
  endpoint: string,
  modelId: string,
  options: object,
  stream = false,
): Promise<object[]> {
  const client = new BedrockRuntimeClient({
    endpoint,
    region: 'eu-central-1',
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...options,
  })
  try {
    const input = { modelId, messages: MESSAGES }
    if (!stream) return [await client.send(new ConverseCommand(input))]
    const reply: { stream: AsyncIterable<object> } = await client.send(new ConverseStreamCommand(input))
    const events: object[] = []
    for await (const event of reply.stream) events.push(event)
    return events
  } finally {
    client.destroy()
  }
}
