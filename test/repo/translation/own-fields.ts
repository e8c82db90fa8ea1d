/** Fields that one dialect has, and none of the canonical forms. */
import type { JsonObject } from '@sluice/core'
import type { ByDialect } from '../../support/dialect-names.ts'

/** `isDispensable`: means nothing elsewhere, so that nothing is lost. */
type Field = readonly [name: string, patch: JsonObject, isDispensable?: boolean]

const mcp = { type: 'url', name: 'docs', url: 'https://example.com/mcp' }

export const OWN_FIELDS: ByDialect<readonly Field[]> = {
  'openai-chat': [
    ['predicted output', { prediction: { type: 'content', content: 'Hello' } }],
    ['spoken answer', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'mp3' } }],
    ['web search', { web_search_options: { search_context_size: 'low' } }],
    ['bias of tokens', { logit_bias: { '50256': -100 } }],
    ['how much to say', { verbosity: 'low' }],
    ['cache key', { prompt_cache_key: 'key-1' }],
    ['safety identifier', { safety_identifier: 'hash-1' }],
    ['whether to keep the answer', { store: true }],
    ['functions of old', { functions: [{ name: 'now', parameters: { type: 'object', properties: {} } }] }],
    ['a field nobody knows', { brand_new: true }],
  ],
  'openai-responses': [
    ['previous response', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['stored prompt', { prompt: { id: 'pmpt_1' } }],
    ['in the background', { background: true }],
    ['what to include', { include: ['file_search_call.results'] }, true],
    ['truncation', { truncation: 'auto' }],
    ['most calls of server tools', { max_tool_calls: 3 }],
    ['how much to say', { text: { verbosity: 'low' } }],
    ['cache key', { prompt_cache_key: 'key-1' }],
    ['safety identifier', { safety_identifier: 'hash-1' }],
    ['whether to keep the answer', { store: true }],
    ['a field nobody knows', { brand_new: true }],
  ],
  anthropic: [
    ['MCP servers', { mcp_servers: [mcp] }],
    ['container', { container: 'container_1' }],
    ['what is forgotten', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
    ['speed', { speed: 'fast' }],
    ['where the model runs', { inference_geo: 'us' }],
    ['cache hint on the whole', { cache_control: { type: 'ephemeral' } }],
    ['a field nobody knows', { brand_new: true }],
  ],
  gemini: [
    ['safety settings', { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] }],
    ['cached contents', { cachedContent: 'cachedContents/abc' }],
    ['forms of the answer', { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }],
    ['speech', { generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } } }],
    ['resolution of media', { generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' } }],
    ['a field nobody knows', { brandNew: true }],
  ],
  cohere: [
    ['documents', { documents: ['Rome is sunny.'] }],
    ['citations', { citation_options: { mode: 'accurate' } }],
    ['safety mode', { safety_mode: 'STRICT' }],
    ['priority', { priority: 1 }],
    ['raw prompting', { raw_prompting: true }],
    ['a field nobody knows', { brand_new: true }],
  ],
  bedrock: [
    ['guardrail', { guardrailConfig: { guardrailIdentifier: 'g-1', guardrailVersion: '1' } }],
    ['variables of a stored prompt', { promptVariables: { city: { text: 'Rome' } } }],
    ['latency', { performanceConfig: { latency: 'optimized' } }],
    ["fields of the model's own", { additionalModelRequestFields: { brand_new: true } }],
    ["fields of the model's answer", { additionalModelResponseFieldPaths: ['/stop_sequence'] }],
    ['a field nobody knows', { brandNew: true }],
  ],
}
