/** Requests of Gemini's clients, by what they show. */
import type { JsonObject } from '@sluice/core'

export const base = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }
export const user = (...parts: JsonObject[]): JsonObject => ({ contents: [{ role: 'user', parts }] })
const config = (generationConfig: JsonObject): JsonObject => ({ ...base, generationConfig })
const calling = (functionCallingConfig: JsonObject): JsonObject => ({ ...base, toolConfig: { functionCallingConfig } })
const png = { mimeType: 'image/png', data: 'iVBORw0KGgo=' }
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const openApi = {
  type: 'OBJECT',
  nullable: true,
  properties: { city: { type: 'STRING', maxLength: '9' }, tags: { type: 'ARRAY', items: { type: 'STRING' } } },
  propertyOrdering: ['city', 'tags'],
}

export const BODIES: { [what: string]: JsonObject } = {
  'the least': base,
  'contents without a role': { contents: [{ parts: [{ text: 'Hi' }] }] },
  'contents without parts, and with none': { contents: [{ role: 'user' }, { role: 'model', parts: [] }] },
  'fields that nobody knows': {
    ...base,
    speed: 'fast',
    contents: [{ role: 'user', note: { a: [1] }, parts: [{ text: 'Hi', mood: 'good' }] }],
  },
  nulls: {
    ...base,
    generationConfig: null,
    safetySettings: null,
    systemInstruction: null,
    toolConfig: null,
    tools: null,
    serviceTier: null,
    contents: [{ role: 'user', parts: [{ text: 'Hi', thought: false, thoughtSignature: null, inlineData: null }] }],
  },
  'nulls in the config': config({
    temperature: null,
    stopSequences: null,
    thinkingConfig: null,
    responseMimeType: null,
  }),
  'a system instruction': { ...base, systemInstruction: { parts: [{ text: 'Be brief.' }] } },
  'a system instruction with a role': {
    ...base,
    systemInstruction: { role: 'system', parts: [{ text: 'A' }, { text: 'B' }] },
  },
  media: user(
    { inlineData: png },
    { inlineData: { ...png, data: '__-_AA' } },
    { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
    { inlineData: { mimeType: 'application/pdf', data: 'AA==', displayName: 'a.pdf' } },
    { inlineData: { ...png, displayName: 'a.png' }, mediaResolution: { level: 'MEDIA_RESOLUTION_HIGH' } },
    { fileData: { fileUri: 'https://example.com/a.png', mimeType: 'image/png' } },
    { fileData: { fileUri: 'https://example.com/a.png' } },
    { fileData: { fileUri: 'https://example.com/a.png?x=1', mimeType: 'image/webp' } },
    { fileData: { fileUri: 'gs://bucket/film', mimeType: 'video/mp4' }, videoMetadata: { startOffset: '1s' } },
    { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
  ),
  'a conversation with thoughts, calls and results': {
    contents: [
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [
          { text: 'Hm.', thought: true },
          { text: 'Aha.', thought: true, thoughtSignature: 'c2ln' },
          { text: 'Let me look.', thoughtSignature: 'dGV4dA==' },
          { functionCall: { name: 'weather', args: { city: 'Köln' } }, thoughtSignature: 'Y2FsbA==' },
          { functionCall: { name: 'weather', args: {} } },
          { functionCall: { name: 'now' } },
          { functionCall: { name: 'now', args: null, id: 'own-id', mood: 'good' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'weather', response: { output: '12 °C' } } },
          { functionResponse: { name: 'weather', response: { temperature: 12 } } },
          { functionResponse: { name: 'now', response: { error: 'No clock.' }, scheduling: 'SILENT' } },
          {
            functionResponse: {
              id: 'own-id',
              name: 'now',
              response: { output: { hour: 12 } },
              parts: [{ inlineData: png }, { fileData: { fileUri: 'gs://b/x.pdf', mimeType: 'application/pdf' } }],
            },
          },
          { text: 'Go on.' },
        ],
      },
      { role: 'function', parts: [{ functionResponse: { name: 'nobody called', response: {}, parts: [] } }] },
    ],
  },
  'what Google ran': {
    contents: [
      ...base.contents,
      {
        role: 'model',
        parts: [
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
          { toolCall: { toolType: 'GOOGLE_SEARCH_WEB', id: 'a' } },
          { functionCall: { name: 'f', partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true } },
          { inlineData: png, thought: true },
        ],
      },
    ],
  },
  tools: {
    ...base,
    tools: [
      {
        functionDeclarations: [
          { name: 'a', description: '', parameters: openApi },
          { name: 'b', parametersJsonSchema: schema, responseJsonSchema: schema },
          { name: 'c', behavior: 'NON_BLOCKING' },
        ],
      },
      { functionDeclarations: [{ name: 'd', description: 'D', parameters: { type: 'object', properties: {} } }] },
      { googleSearch: {} },
      { functionDeclarations: [{ name: 'e' }], urlContext: {} },
      { codeExecution: {}, googleMaps: {} },
      { functionDeclarations: [] },
    ],
  },
  'no tools': { ...base, tools: [] },
  'the model’s choice': calling({ mode: 'AUTO' }),
  'no call': calling({ mode: 'NONE' }),
  'any call': calling({ mode: 'ANY' }),
  'one function': calling({ mode: 'ANY', allowedFunctionNames: ['a'] }),
  'one of some functions': calling({ mode: 'ANY', allowedFunctionNames: ['a', 'b'] }),
  'calls that keep to their schema': calling({ mode: 'VALIDATED', allowedFunctionNames: ['a'] }),
  'a mode that nobody knows': calling({ mode: 'NEW', streamFunctionCallArguments: true }),
  'no mode': calling({}),
  'a tool config without a mode': { ...base, toolConfig: { retrievalConfig: { languageCode: 'de' } } },
  'an empty tool config': { ...base, toolConfig: {} },
  'an empty config': config({}),
  sampling: config({
    temperature: 0,
    topP: 0.9,
    topK: 40,
    maxOutputTokens: 100,
    candidateCount: 2,
    seed: 7,
    presencePenalty: 0.5,
    frequencyPenalty: -0.5,
    stopSequences: ['END'],
    responseLogprobs: true,
    logprobs: 3,
  }),
  'no stop sequences': config({ stopSequences: [] }),
  'what the model has no word for': config({
    responseModalities: ['TEXT', 'IMAGE'],
    speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    mediaResolution: 'MEDIA_RESOLUTION_LOW',
    imageConfig: { aspectRatio: '16:9' },
  }),
  'plain text': config({ responseMimeType: 'text/plain' }),
  json: config({ responseMimeType: 'application/json' }),
  'a word of several': config({ responseMimeType: 'text/x.enum', responseSchema: { type: 'STRING', enum: ['a'] } }),
  'a schema of OpenAPI': config({ responseMimeType: 'application/json', responseSchema: openApi }),
  'a JSON Schema': config({ responseMimeType: 'application/json', responseJsonSchema: schema }),
  'a schema without a type': config({ responseJsonSchema: schema }),
  'two schemas': config({ responseMimeType: 'application/json', responseSchema: openApi, responseJsonSchema: schema }),
  'a budget': config({ thinkingConfig: { thinkingBudget: 1024, includeThoughts: true } }),
  'no thinking': config({ thinkingConfig: { thinkingBudget: 0, includeThoughts: false } }),
  'thinking as the model likes': config({ thinkingConfig: { thinkingBudget: -1 } }),
  'a level': config({ thinkingConfig: { thinkingLevel: 'HIGH' } }),
  'a level in small letters': config({ thinkingConfig: { thinkingLevel: 'low', depth: 3 } }),
  'no level': config({ thinkingConfig: { thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' } }),
  'a budget and a level': config({ thinkingConfig: { thinkingBudget: 5, thinkingLevel: 'LOW' } }),
  'an empty thinking config': config({ thinkingConfig: {} }),
  'a tier': { ...base, serviceTier: 'flex' },
  'the standard tier': { ...base, serviceTier: 'standard' },
  'the rest of the API': {
    ...base,
    safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
    cachedContent: 'cachedContents/1',
    labels: { team: 'a' },
    modelArmorConfig: { promptTemplateName: 'x' },
  },
}

/** The same request in the API's two spellings. */
export const SPELLINGS: { [what: string]: [snake: JsonObject, camel: JsonObject] } = {
  'top level': [
    {
      ...base,
      system_instruction: { parts: [{ text: 'A' }] },
      safety_settings: [],
      cached_content: 'cachedContents/1',
      service_tier: 'flex',
    },
    {
      ...base,
      systemInstruction: { parts: [{ text: 'A' }] },
      safetySettings: [],
      cachedContent: 'cachedContents/1',
      serviceTier: 'flex',
    },
  ],
  config: [
    {
      ...base,
      generation_config: {
        max_output_tokens: 9,
        top_p: 0.5,
        stop_sequences: ['a'],
        response_mime_type: 'application/json',
        response_json_schema: { type: 'object' },
        thinking_config: { thinking_budget: 5, include_thoughts: true },
        response_modalities: ['TEXT'],
      },
    },
    {
      ...base,
      generationConfig: {
        maxOutputTokens: 9,
        topP: 0.5,
        stopSequences: ['a'],
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
        thinkingConfig: { thinkingBudget: 5, includeThoughts: true },
        responseModalities: ['TEXT'],
      },
    },
  ],
  parts: [
    user(
      { inline_data: { mime_type: 'image/png', data: 'AA==' } },
      { file_data: { mime_type: 'video/mp4', file_uri: 'gs://a' }, video_metadata: {} },
      { function_call: { name: 'f', args: { snake_case: 1 } }, thought_signature: 'c2ln' },
      {
        function_response: {
          name: 'f',
          response: { snake_case: 1 },
          parts: [{ inline_data: { mime_type: 'image/png', data: 'AA==' } }],
        },
      },
      { executable_code: { language: 'PYTHON', code: '' } },
    ),
    user(
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://a' }, videoMetadata: {} },
      { functionCall: { name: 'f', args: { snake_case: 1 } }, thoughtSignature: 'c2ln' },
      {
        functionResponse: {
          name: 'f',
          response: { snake_case: 1 },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }],
        },
      },
      { executableCode: { language: 'PYTHON', code: '' } },
    ),
  ],
  tools: [
    {
      ...base,
      tools: [
        { function_declarations: [{ name: 'f', parameters_json_schema: { type: 'object', properties: { a_b: {} } } }] },
        { google_search: {} },
      ],
      tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f', 'g'] } },
    },
    {
      ...base,
      tools: [
        { functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', properties: { a_b: {} } } }] },
        { googleSearch: {} },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f', 'g'] } },
    },
  ],
}
