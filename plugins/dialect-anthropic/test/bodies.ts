/** Requests of Anthropic's clients, by what they show. */
import type { JsonObject } from '@sluice/core'

export const base = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }
const png = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }
export const user = (...content: JsonObject[]): JsonObject => ({ ...base, messages: [{ role: 'user', content }] })

export const BODIES: { [what: string]: JsonObject } = {
  'the least': base,
  'a stream that is not wanted': { ...base, stream: false },
  'a stream': { ...base, stream: true },
  'sampling and stops': { ...base, temperature: 1, top_p: 0.9, top_k: 5, stop_sequences: ['\n', 'END'] },
  'no stop sequences': { ...base, stop_sequences: [] },
  'a system text': { ...base, system: 'Be brief.' },
  'an empty system text': { ...base, system: '' },
  'a system block': { ...base, system: [{ type: 'text', text: 'Be brief.' }] },
  'system blocks with cache hints': {
    ...base,
    system: [
      { type: 'text', text: 'A', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'B', cache_control: null, citations: null },
    ],
  },
  'no system blocks': { ...base, system: [] },
  'system null': { ...base, system: null },
  'a system message among the others': {
    ...base,
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'From now on in French.' },
      { role: 'assistant', content: [{ type: 'text', text: 'Salut' }] },
      { role: 'user', content: [{ type: 'mid_conv_system', content: [{ type: 'text', text: 'Or not.' }] }] },
    ],
  },
  'turns of one role after another, and empty ones': {
    ...base,
    messages: [
      { role: 'user', content: 'A' },
      { role: 'user', content: '' },
      { role: 'user', content: [] },
      { role: 'assistant', content: ' ' },
    ],
  },
  'fields that nobody knows': { ...base, speed: 'fast', messages: [{ role: 'user', content: 'Hi', note: { a: [1] } }] },
  images: user(
    { type: 'image', source: png },
    { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, cache_control: { type: 'ephemeral' } },
    { type: 'image', source: { type: 'file', file_id: 'file_1' } },
    { type: 'image', source: { ...png, note: 'unknown' } },
  ),
  documents: user(
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      title: 'a.pdf',
      context: 'c',
    },
    {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'Text' },
      citations: { enabled: true },
    },
    { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' }, title: null },
    { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'A' }] }, title: 'chunks' },
    { type: 'document', source: { type: 'file', file_id: 'file_2' } },
  ),
  'blocks only Claude knows': user(
    { type: 'search_result', source: 'https://example.com', title: 'T', content: [{ type: 'text', text: 'x' }] },
    { type: 'container_upload', file_id: 'file_3' },
  ),
  'a conversation with thinking and tools': {
    ...base,
    messages: [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
          { type: 'redacted_thinking', data: 'ZGF0YQ==' },
          { type: 'text', text: 'Let me look.', citations: [] },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Köln' }, caller: { type: 'direct' } },
          { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
          { type: 'tool_use', id: 'toolu_3', name: 'now', input: {} },
          { type: 'tool_use', id: 'toolu_4', name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: '12 °C' },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text', text: 'noon' }], is_error: false },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_3',
            content: [
              { type: 'image', source: png },
              { type: 'tool_reference', tool_name: 'x' },
            ],
          },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_4',
            is_error: true,
            cache_control: { type: 'ephemeral', ttl: '5m' },
          },
          { type: 'text', text: 'Go on.' },
        ],
      },
    ],
  },
  'empty results of tools': user(
    { type: 'tool_result', tool_use_id: 'a', content: [] },
    { type: 'tool_result', tool_use_id: 'b', content: '' },
    { type: 'tool_result', tool_use_id: 'c' },
  ),
  'server tools in the history, and their citations': {
    ...base,
    messages: [
      { role: 'user', content: 'Why?' },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'why' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srvtoolu_1',
            content: [{ type: 'web_search_result', url: 'u', title: 't', encrypted_content: 'e' }],
          },
          {
            type: 'text',
            text: 'Because.',
            citations: [
              {
                type: 'web_search_result_location',
                url: 'https://example.com',
                title: 'T',
                cited_text: 'c',
                encrypted_index: 'i',
              },
              {
                type: 'char_location',
                cited_text: 'c',
                document_index: 0,
                document_title: null,
                start_char_index: 0,
                end_char_index: 3,
              },
              {
                type: 'page_location',
                cited_text: 'c',
                document_index: 0,
                document_title: 'D',
                start_page_number: 1,
                end_page_number: 2,
              },
              {
                type: 'search_result_location',
                cited_text: 'c',
                source: 's',
                title: null,
                search_result_index: 0,
                start_block_index: 0,
                end_block_index: 1,
              },
            ],
          },
        ],
      },
      { role: 'user', content: 'Really?' },
    ],
  },
  tools: {
    ...base,
    tools: [
      { name: 'a', input_schema: { type: 'object' } },
      { type: 'custom', name: 'b', description: '', input_schema: { type: 'object', properties: {} }, strict: false },
      {
        type: null,
        name: 'c',
        input_schema: { type: 'object' },
        cache_control: { type: 'ephemeral' },
        defer_loading: true,
      },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      { type: 'bash_20250124', name: 'bash' },
    ],
  },
  'a choice of tools': { ...base, tool_choice: { type: 'auto' } },
  'any tool, one at a time': { ...base, tool_choice: { type: 'any', disable_parallel_tool_use: true } },
  'one tool': { ...base, tool_choice: { type: 'tool', name: 'a', disable_parallel_tool_use: false } },
  'no tool': { ...base, tool_choice: { type: 'none' } },
  'a choice that nobody knows': { ...base, tool_choice: { type: 'new', of: 1 } },
  'thinking with a budget': { ...base, thinking: { type: 'enabled', budget_tokens: 1024, display: 'omitted' } },
  'thinking as the model likes': {
    ...base,
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'max' },
  },
  'thinking switched off': { ...base, thinking: { type: 'disabled' }, output_config: { effort: 'low' } },
  'thinking of a kind that nobody knows': { ...base, thinking: { type: 'deep', display: null } },
  'thinking with fields that nobody knows': { ...base, thinking: { type: 'adaptive', display: null, depth: 3 } },
  'an effort alone': { ...base, output_config: { effort: 'high', task_budget: { type: 'tokens', total: 9 } } },
  'an empty output config': { ...base, output_config: {} },
  'output config of nulls': { ...base, output_config: { effort: null, format: null } },
  'a format': { ...base, output_config: { format: { type: 'json_schema', schema: { type: 'object' }, name: 'n' } } },
  'a format in the older place': {
    ...base,
    output_format: { type: 'json_schema', schema: { type: 'object' } },
    output_config: { effort: 'low' },
  },
  'a format that nobody knows': {
    ...base,
    output_config: { format: { type: 'xml' } },
    output_format: { type: 'yaml' },
  },
  'a user': { ...base, metadata: { user_id: 'u1' } },
  'metadata that nobody knows': { ...base, metadata: { user_id: null, team: 't' } },
  'empty metadata': { ...base, metadata: {} },
  'the rest of the API': {
    ...base,
    service_tier: 'standard_only',
    container: 'container_1',
    mcp_servers: [{ type: 'url', url: 'https://mcp.example.com', name: 'm' }],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
    inference_geo: null,
    cache_control: { type: 'ephemeral' },
  },
}
