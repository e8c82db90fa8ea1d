import { object, objects } from '../oracle/json.ts'
import type { Question } from '../oracle/question.ts'
import { said } from './asker.ts'
import type { Asker } from './asker.ts'
import { openaiChat } from './openai-chat.ts'

/** Conversations and tools are written as OpenAI's chat writes them; settings are not. */
export const cohere: Asker = {
  ask: (question, model) => {
    const { messages, tools } = openaiChat.ask(question, model).body
    return {
      path: '/v2/chat',
      headers: { authorization: 'Bearer sk-client' },
      body: said({
        model,
        messages: objects(messages).map(({ content, ...message }) =>
          content === null ? message : { content, ...message },
        ),
        tools,
        tool_choice: choiceOf(question),
        response_format: question.schema && { type: 'json_object', json_schema: question.schema },
        max_tokens: question.limit,
        temperature: question.temperature,
        stop_sequences: question.stop,
        stream: question.stream,
      }),
    }
  },
  goOn: (asked, answer, results) => ({
    ...asked,
    body: {
      ...asked.body,
      messages: [
        ...objects(asked.body.messages),
        object(answer.message) ?? {},
        ...results.map(({ call, result }) => ({ role: 'tool', tool_call_id: call, content: result })),
      ],
    },
  }),
}

/** A tool cannot be named. */
function choiceOf({ toolChoice }: Question): string | undefined {
  return { required: 'REQUIRED', none: 'NONE' }[toolChoice]
}
