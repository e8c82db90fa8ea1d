/** What a step asks a model. */
import type { ChatRequest, Message, Role } from '@sluice/core'
import type { Question } from './chain.ts'
import type { Data } from './data.ts'
import { render } from './render.ts'

/** Of an answer that does not fit, what the model is shown again. */
const SHOWN = 10_000

/** The request of a step whose answer the chain itself reads. @throws GatewayError `request_too_large` */
export function requestFor(
  question: Question,
  model: string,
  name: string,
  data: Data,
  client: ChatRequest,
): ChatRequest {
  const { parameters, schema, messages } = question
  return {
    operation: 'chat',
    model,
    stream: false,
    messages: messagesOf(question, data, client),
    ...(client.user !== undefined && { user: client.user }),
    // A conversation with calls in it is understood only beside the tools; there is nobody here to call another.
    ...(messages && client.tools && { tools: client.tools, toolChoice: { type: 'none' } }),
    ...(schema && { responseFormat: { type: 'json-schema', name, schema: schema.schema } }),
    ...parameters,
    extensions: {},
  }
}

/** The request of the step whose answer goes to the client: all that the client asks of an answer is asked of it. */
export function lastRequestFor(question: Question, model: string, data: Data, client: ChatRequest): ChatRequest {
  const { tools, toolChoice, parallelToolCalls, ...asked } = client
  return {
    ...asked,
    ...(question.messages && {
      ...(tools && { tools }),
      ...(toolChoice && { toolChoice }),
      ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    }),
    ...question.parameters,
    model,
    messages: messagesOf(question, data, client),
    includeUsage: true,
  }
}

/** The request once more, with the answer and what is wrong with it. */
export function repairOf(request: ChatRequest, answer: string, problem: string): ChatRequest {
  const schema = request.responseFormat?.type === 'json-schema' ? request.responseFormat.schema : {}
  const complaint = [
    `This answer cannot be used: ${problem}.`,
    'Answer again, with nothing but JSON that fits this JSON Schema:',
    JSON.stringify(schema),
  ]
  const messages = [
    ...request.messages,
    messageOf('assistant', answer.slice(0, SHOWN)),
    messageOf('user', complaint.join('\n')),
  ]
  return { ...request, messages }
}

function messagesOf({ system, prompt, messages }: Question, data: Data, client: ChatRequest): Message[] {
  return [
    ...(system ? [messageOf('system', render(system, data))] : []),
    ...(messages ? client.messages : []),
    ...(prompt ? [messageOf('user', render(prompt, data))] : []),
  ]
}

function messageOf(role: Role, text: string): Message {
  return { role, parts: [{ type: 'text', text }] }
}
