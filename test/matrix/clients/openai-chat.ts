// OpenAI's SDK at Chat Completions. Thoughts are no part of its types, but of the messages that it
// gives and takes, in the fields of other servers.

import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { type Client, type Order, type Said, finishOf } from '../client.ts';
import { EFFORT, IMAGE, QUESTION, SCHEMA, SYSTEM, TOOLS } from '../script.ts';

export const openaiChat: Client = {
  title: "OpenAI's SDK, `chat.completions`",
  readsThinking: true,
  connect({ baseUrl, apiKey, fetch }) {
    const client = new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, maxRetries: 0, fetch });
    return async (order) => {
      const options = order.signal ? { signal: order.signal } : {};
      const body = bodyOf(order);
      if (!order.stream) return readCompletion(await client.chat.completions.create(body, options));
      const stream = client.chat.completions.stream(
        { ...body, stream_options: { include_usage: true } },
        options,
      );
      const thoughts: Thoughts = { reasoning_content: '', reasoning_details: [] };
      stream.on('chunk', ({ choices }) => addThoughts(thoughts, choices[0]?.delta));
      stream.on('content', (piece) => order.onText?.(piece));
      const completion = await stream.finalChatCompletion();
      const message = completion.choices[0]?.message;
      if (message && thoughts.reasoning_content !== '') Object.assign(message, thoughts);
      return readCompletion(completion);
    };
  },
  refusalOf: openaiRefusal,
};

export function openaiRefusal(error: unknown): ReturnType<Client['refusalOf']> {
  if (!(error instanceof OpenAI.APIError)) return undefined;
  return { status: error.status, text: `${error.message} ${JSON.stringify(error.error)}` };
}

interface Thoughts {
  reasoning_content: string;
  reasoning_details: unknown[];
}

/** The helper keeps the last piece alone of what it does not know. */
function addThoughts(thoughts: Thoughts, delta: unknown): void {
  const { reasoning_content: text, reasoning_details: details } = (delta ??
    {}) as Partial<Thoughts>;
  thoughts.reasoning_content += text ?? '';
  thoughts.reasoning_details.push(...(details ?? []));
}

function bodyOf(order: Order) {
  const image: ChatCompletionContentPart = {
    type: 'image_url',
    image_url: { url: `data:image/png;base64,${IMAGE}` },
  };
  const text: ChatCompletionContentPart = { type: 'text', text: QUESTION };
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: order.image ? [text, image] : QUESTION },
    ...historyOf(order),
  ];
  return {
    model: order.model,
    messages,
    ...(order.tools && {
      tools: TOOLS.map(({ name, description, schema }) => ({
        type: 'function' as const,
        function: { name, description, parameters: schema },
      })),
    }),
    ...(order.schema && {
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'place', schema: SCHEMA, strict: true },
      },
    }),
    ...(order.thinking && { reasoning_effort: EFFORT as 'high' }),
  };
}

function historyOf({ before }: Order): ChatCompletionMessageParam[] {
  if (!before) return [];
  return [
    before.said.history as ChatCompletionMessageParam,
    ...before.results.map(({ id, text }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: text,
    })),
  ];
}

function readCompletion({ choices, usage }: ChatCompletion): Said {
  const choice = choices[0];
  const message = choice?.message as Partial<Thoughts> & ChatCompletion.Choice['message'];
  return {
    text: message.content ?? '',
    thinking: message.reasoning_content ?? '',
    calls: (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) }]
        : [],
    ),
    finish: finishOf(choice?.finish_reason, 'stop', 'tool_calls'),
    usage: {
      input: usage?.prompt_tokens,
      cacheRead: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage?.completion_tokens,
    },
    history: message,
  };
}
