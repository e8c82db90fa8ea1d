/** AWS's client for Bedrock, as it comes, and what applications make of its streams. */
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import type {
  ContentBlock,
  ConverseCommandInput,
  ConverseStreamOutput,
  Message,
  TokenUsage,
  ToolUseBlock,
  ToolUseBlockStart,
} from '@aws-sdk/client-bedrock-runtime'

/** Its own handler of requests speaks HTTP/2. A key of the gateway stands where AWS has its long-term keys. */
export function awsClient(endpoint: string): BedrockRuntimeClient {
  const token = { token: 'sk-client' }
  const region = 'us-east-1'
  return new BedrockRuntimeClient({ endpoint, region, token, authSchemePreference: ['httpBearerAuth'], maxAttempts: 1 })
}

export interface Heard {
  message: Message
  stopReason: string | undefined
  usage: TokenUsage | undefined
}

/** @throws BedrockRuntimeServiceException */
export async function converse(
  client: BedrockRuntimeClient,
  isStream: boolean,
  input: ConverseCommandInput,
): Promise<Heard> {
  if (isStream) return assemble((await client.send(new ConverseStreamCommand(input))).stream!)
  const { output, stopReason, usage } = await client.send(new ConverseCommand(input))
  return { message: output!.message!, stopReason, usage }
}

async function assemble(events: AsyncIterable<ConverseStreamOutput>): Promise<Heard> {
  const heard: Heard = { message: { role: undefined, content: [] }, stopReason: undefined, usage: undefined }
  const blocks: Block[] = []
  for await (const { messageStart, contentBlockStart, contentBlockDelta, messageStop, metadata } of events) {
    if (messageStart) heard.message.role = messageStart.role
    if (contentBlockStart)
      blocks[contentBlockStart.contentBlockIndex!] = { ...EMPTY, call: contentBlockStart.start?.toolUse }
    if (contentBlockDelta) {
      const { delta, contentBlockIndex: index } = contentBlockDelta
      const block = (blocks[index!] ??= { ...EMPTY })
      const { text = '', signature, redactedContent } = delta?.reasoningContent ?? {}
      block.text += delta?.text ?? ''
      block.input += delta?.toolUse?.input ?? ''
      block.thought += text
      block.signature ??= signature
      block.redacted ??= redactedContent
    }
    if (messageStop) heard.stopReason = messageStop.stopReason
    if (metadata) heard.usage = metadata.usage
  }
  heard.message.content = blocks.map(blockOf)
  return heard
}

interface Block {
  text: string
  thought: string
  signature: string | undefined
  redacted: Uint8Array | undefined
  call: ToolUseBlockStart | undefined
  input: string
}
const EMPTY: Block = { text: '', thought: '', signature: undefined, redacted: undefined, call: undefined, input: '' }

function blockOf({ text, thought, signature, redacted, call, input }: Block): ContentBlock {
  if (call) return { toolUse: { ...call, input: JSON.parse(input) as ToolUseBlock['input'] } }
  if (redacted) return { reasoningContent: { redactedContent: redacted } }
  return thought === '' ? { text } : { reasoningContent: { reasoningText: { text: thought, signature } } }
}
