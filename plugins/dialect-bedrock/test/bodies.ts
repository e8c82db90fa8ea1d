/** Requests of Bedrock's clients, by what they show. */
import type { JsonObject } from '@sluice/core'

export const base = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }
export const user = (...content: unknown[]): JsonObject => ({ messages: [{ role: 'user', content }] })
const png = { format: 'png', source: { bytes: 'iVBORw0KGgo=' } }
const jsonSchema = (definition: JsonObject): JsonObject => ({
  ...base,
  outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: definition } } },
})

export const BODIES: { [what: string]: JsonObject } = {
  'the least': base,
  'a stored prompt, which has no messages': { promptVariables: { topic: { text: 'cats' } } },
  'no messages': { messages: [] },
  'sampling and stops': {
    ...base,
    inferenceConfig: { maxTokens: 100, temperature: 0, topP: 0.9, stopSequences: ['\n', 'END'] },
  },
  'empty objects': {
    ...base,
    system: [],
    inferenceConfig: { stopSequences: [] },
    toolConfig: { tools: [] },
    additionalModelRequestFields: {},
    outputConfig: {},
    requestMetadata: {},
  },
  nulls: {
    ...base,
    system: null,
    inferenceConfig: null,
    toolConfig: { tools: null, toolChoice: null },
    outputConfig: { effort: null, textFormat: null },
    serviceTier: null,
    requestMetadata: null,
    guardrailConfig: null,
  },
  'a system prompt with cache points and guarded text': {
    ...base,
    system: [
      { text: 'A' },
      { cachePoint: { type: 'default' } },
      { guardContent: { text: { text: 'B', qualifiers: ['grounding_source'] } } },
      { cachePoint: { type: 'default', ttl: '1h' } },
    ],
  },
  'cache points in strange places': user(
    { cachePoint: { type: 'default' } },
    { text: 'A' },
    { cachePoint: { type: 'default', ttl: '5m' } },
    { cachePoint: { type: 'default' } },
    { text: 'B' },
    { cachePoint: { type: 'new' } },
    { cachePoint: { type: 'default', depth: 1 } },
  ),
  'a system message among the others': {
    system: [{ text: 'Be brief.' }],
    messages: [
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'system', content: [{ text: 'From now on in French.' }, { toolAddition: { tool: { name: 'a' } } }] },
      { role: 'assistant', content: [{ text: 'Salut' }] },
    ],
  },
  'turns of one role after another, and empty ones': {
    messages: [
      { role: 'user', content: [{ text: 'A' }] },
      { role: 'user', content: [{ text: '' }] },
      { role: 'user', content: [] },
      { role: 'assistant', content: [{ text: ' ' }], note: 1 },
    ],
  },
  images: user(
    { image: png },
    { image: { format: 'jpeg', source: { s3Location: { uri: 's3://b/a.jpg', bucketOwner: '123' } } } },
    { image: { format: 'webp', source: { bytes: 'AA==' }, error: { message: 'broken' } } },
    { image: { format: 'gif', source: { bytes: 'AA==', more: 1 } } },
    { image: { format: 'new', source: { bytes: 'AA==' } } },
    { image: { source: { bytes: 'AA==' } } },
  ),
  clips: user(
    { video: { format: 'mp4', source: { bytes: 'AA==' } } },
    { video: { format: 'three_gp', source: { s3Location: { uri: 's3://b/a.3gp' } } } },
    ...['mkv', 'mov', 'webm', 'flv', 'mpeg', 'mpg', 'wmv'].map((format) => ({
      video: { format, source: { bytes: '' } },
    })),
    ...[
      'mp3',
      'opus',
      'wav',
      'aac',
      'flac',
      'mp4',
      'ogg',
      'mkv',
      'mka',
      'x-aac',
      'm4a',
      'mpeg',
      'mpga',
      'pcm',
      'webm',
    ].map((format) => ({ audio: { format, source: { bytes: 'AA==' } } })),
  ),
  documents: user(
    {
      document: { format: 'pdf', name: 'a', source: { bytes: 'JVBERi0=' }, context: 'c', citations: { enabled: true } },
    },
    ...['csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'].map((format) => ({
      document: { format, name: format, source: { bytes: 'AA==' } },
    })),
    { document: { format: 'txt', name: 'b', source: { text: 'Text' } } },
    { document: { name: 'c', source: { text: 'Text' } } },
    { document: { name: 'd', source: { bytes: 'AA==' } } },
    { document: { format: 'new', name: 'e', source: { bytes: 'AA==' } } },
    { document: { name: 'f', source: { content: [{ text: 'A' }] } } },
    { document: { format: 'pdf', name: 'g', source: { s3Location: { uri: 's3://b/a.pdf' } } } },
    { document: { format: 'pdf', name: 'h', source: { s3Location: { uri: 'https://b/a.pdf' } } } },
  ),
  'blocks only Bedrock knows': user(
    { searchResult: { source: 's', title: 't', content: [{ text: 'x' }], citations: { enabled: true } } },
    { guardContent: { text: { text: 'guarded' } } },
    { guardContent: { image: png } },
    { text: 'x', note: 1 },
    { news: {} },
  ),
  'a conversation with thinking and tools': {
    messages: [
      { role: 'user', content: [{ text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
          { reasoningContent: { reasoningText: { text: '', note: null } } },
          { reasoningContent: { redactedContent: 'ZGF0YQ==' } },
          { reasoningContent: { news: 1 } },
          {
            citationsContent: {
              content: [{ text: 'Cited.' }],
              citations: [
                {
                  title: 't',
                  sourceContent: [{ text: 'q' }],
                  location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
                },
              ],
            },
          },
          { citationsContent: { content: [{ text: 'In ' }, { text: 'two.' }], citations: [] } },
          {
            citationsContent: {
              citations: [
                {
                  source: 's',
                  sourceContent: [{ text: 'a' }, { text: 'b' }],
                  location: { web: { url: 'https://example.com', domain: 'example.com' } },
                },
              ],
            },
          },
          { citationsContent: { content: [{ text: 'Uncited.' }] } },
          { toolUse: { toolUseId: 'tooluse_1', name: 'weather', input: { city: 'Köln' } } },
          { toolUse: { toolUseId: 'tooluse_2', name: 'now', input: {} } },
          { toolUse: { toolUseId: 'tooluse_3', name: 'web', input: { q: 'x' }, type: 'server_tool_use' } },
          { toolUse: { toolUseId: 'tooluse_4', name: 'odd', input: 'text', note: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: 'tooluse_1',
              content: [{ text: '12 °C' }, { json: { b: [1, null], a: 'x' } }, { image: png }],
            },
          },
          { cachePoint: { type: 'default' } },
          { toolResult: { toolUseId: 'tooluse_2', content: [], status: 'error' } },
          { toolResult: { toolUseId: 'tooluse_2', content: [{ json: 'text' }, { news: 1 }], status: 'success' } },
          {
            toolResult: {
              toolUseId: 'tooluse_2',
              content: [{ document: { format: 'txt', name: 'd', source: { text: 'x' } } }],
              status: 'new',
            },
          },
          { toolResult: { toolUseId: 'tooluse_3', content: [{ searchResult: {} }], type: 'web_result' } },
          { toolResult: { toolUseId: 'tooluse_4' } },
          { text: 'Go on.' },
        ],
      },
    ],
  },
  tools: {
    ...base,
    toolConfig: {
      tools: [
        { cachePoint: { type: 'default' } },
        { toolSpec: { name: 'a', inputSchema: { json: { type: 'object' } } } },
        { cachePoint: { type: 'default', ttl: '1h' } },
        { toolSpec: { name: 'b', description: '', inputSchema: { json: {} }, strict: true, note: 1 } },
        { toolSpec: { name: 'c' } },
        { toolSpec: { name: 'd', inputSchema: {} } },
        { toolSpec: { name: 'e', inputSchema: { json: { type: 'object' }, more: 1 } } },
        { systemTool: { name: 'nova_code_interpreter' } },
        { cachePoint: { type: 'default' } },
      ],
      toolChoice: { auto: {} },
      note: 1,
    },
  },
  'any tool': { ...base, toolConfig: { toolChoice: { any: {} } } },
  'one tool': { ...base, toolConfig: { toolChoice: { tool: { name: 'a' } } } },
  'a choice that nobody knows': { ...base, toolConfig: { toolChoice: { new: { of: 1 } } } },
  'a choice with more in it': { ...base, toolConfig: { toolChoice: { auto: { of: 1 } } } },
  'Claude thinks with a budget': {
    ...base,
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 }, top_k: 5 },
  },
  'Claude thinks as it likes': {
    ...base,
    additionalModelRequestFields: {
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'max' },
      anthropic_beta: ['a'],
    },
  },
  'Claude does not think': { ...base, additionalModelRequestFields: { thinking: { type: 'disabled' } } },
  'Claude thinks in a way that nobody knows': {
    ...base,
    additionalModelRequestFields: { thinking: { type: 'deep', budget_tokens: 'many' } },
  },
  'Nova thinks': {
    ...base,
    additionalModelRequestFields: {
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
      inferenceConfig: { topK: 20 },
    },
  },
  'Nova does not think': { ...base, additionalModelRequestFields: { reasoningConfig: { type: 'disabled' } } },
  'gpt-oss thinks': { ...base, additionalModelRequestFields: { reasoning_effort: 'high' } },
  'GPT thinks': { ...base, additionalModelRequestFields: { reasoning: { effort: 'none', summary: 'auto' } } },
  'Command takes the best': { ...base, additionalModelRequestFields: { k: 3 } },
  'an effort in Bedrock’s own words': { ...base, outputConfig: { effort: 'high' } },
  'an effort beside a budget': {
    ...base,
    outputConfig: { effort: 'xhigh', note: 1 },
    additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2048 } },
  },
  'an effort twice': {
    ...base,
    outputConfig: { effort: 'low' },
    additionalModelRequestFields: { reasoning_effort: 'high' },
  },
  'a format': jsonSchema({ schema: '{"type":"object"}', name: 'n', description: 'd' }),
  'a format written with spaces': jsonSchema({ schema: '{ "type": "object",\n "properties": {} }' }),
  'a format with more in it': jsonSchema({ schema: '{"type":"object"}', strict: true }),
  'a format that nobody knows': { ...base, outputConfig: { textFormat: { type: 'xml' } } },
  'the rest of the API': {
    ...base,
    guardrailConfig: {
      guardrailIdentifier: 'g',
      guardrailVersion: '1',
      trace: 'enabled',
      streamProcessingMode: 'async',
    },
    additionalModelResponseFieldPaths: ['/stop_sequence'],
    requestMetadata: { team: 'a' },
    performanceConfig: { latency: 'optimized' },
    serviceTier: { type: 'flex' },
  },
  'a tier and metadata that nobody knows': { ...base, serviceTier: { type: 'x', note: 1 }, requestMetadata: { a: 1 } },
  'fields that nobody knows': { ...base, news: { a: [1] }, inferenceConfig: { topK: 3 } },
}
