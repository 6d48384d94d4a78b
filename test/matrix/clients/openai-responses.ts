// OpenAI's SDK at Responses, without what it would store: reasoning is asked for encrypted.

import OpenAI from 'openai';
import type { Response, ResponseInputItem, Tool } from 'openai/resources/responses/responses';
import { type Client, type Order, type Said, finishOf } from '../client.ts';
import { EFFORT, IMAGE, QUESTION, SCHEMA, SYSTEM, TOOLS } from '../script.ts';
import { openaiRefusal } from './openai-chat.ts';

export const openaiResponses: Client = {
  title: "OpenAI's SDK, `responses`",
  readsThinking: true,
  connect({ baseUrl, apiKey, fetch }) {
    const client = new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, maxRetries: 0, fetch });
    return async (order) => {
      const options = order.signal ? { signal: order.signal } : {};
      const body = bodyOf(order);
      if (!order.stream) return readResponse(await client.responses.create(body, options));
      const stream = client.responses.stream(body, options);
      stream.on('response.output_text.delta', ({ delta }) => order.onText?.(delta));
      return readResponse(await stream.finalResponse());
    };
  },
  refusalOf: openaiRefusal,
};

function bodyOf(order: Order) {
  const text = { type: 'input_text' as const, text: QUESTION };
  const image = {
    type: 'input_image' as const,
    detail: 'auto' as const,
    image_url: `data:image/png;base64,${IMAGE}`,
  };
  const input: ResponseInputItem[] = [
    { role: 'user', content: order.image ? [text, image] : QUESTION },
    ...historyOf(order),
  ];
  const tools: Tool[] = TOOLS.map(({ name, description, schema }) => ({
    type: 'function',
    name,
    description,
    parameters: schema,
    strict: false,
  }));
  return {
    model: order.model,
    instructions: SYSTEM,
    input,
    store: false,
    include: ['reasoning.encrypted_content' as const],
    ...(order.tools && { tools }),
    ...(order.schema && {
      text: {
        format: { type: 'json_schema' as const, name: 'place', schema: SCHEMA, strict: true },
      },
    }),
    ...(order.thinking && { reasoning: { effort: EFFORT as 'high', summary: 'auto' as const } }),
  };
}

function historyOf({ before }: Order): ResponseInputItem[] {
  if (!before) return [];
  return [
    ...(before.said.history as ResponseInputItem[]),
    ...before.results.map(({ id, text }) => ({
      type: 'function_call_output' as const,
      call_id: id,
      output: text,
    })),
  ];
}

function readResponse({ output, output_text, status, usage }: Response): Said {
  const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
  return {
    text: output_text,
    thinking: output
      .flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
      .map(({ text }) => text)
      .join(''),
    calls: calls.map(({ call_id: id, name, arguments: json }) => ({
      id,
      name,
      input: JSON.parse(json),
    })),
    finish: finishOf(
      calls.length > 0 ? `calls: ${status}` : status,
      'completed',
      'calls: completed',
    ),
    usage: {
      input: usage?.input_tokens,
      cacheRead: usage?.input_tokens_details?.cached_tokens ?? 0,
      output: usage?.output_tokens,
    },
    history: output,
  };
}
