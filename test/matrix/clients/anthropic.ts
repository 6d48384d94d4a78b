// Anthropic's SDK, both of its lines: what the matrix uses of them is the same.

import Anthropic from '@anthropic-ai/sdk';
import type { Message, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import Anthropic0 from 'anthropic-sdk-0';
import { type Client, type Order, type Said, finishOf } from '../client.ts';
import { IMAGE, MAX_TOKENS, QUESTION, SCHEMA, SYSTEM, THINKING_BUDGET, TOOLS } from '../script.ts';

export const anthropic1 = line("Anthropic's SDK 1.x", Anthropic);
export const anthropic0 = line("Anthropic's SDK 0.x", Anthropic0 as unknown as typeof Anthropic);

function line(title: string, Sdk: typeof Anthropic): Client {
  return {
    title,
    readsThinking: true,
    connect({ baseUrl, apiKey, fetch }) {
      const client = new Sdk({ apiKey, baseURL: baseUrl, maxRetries: 0, fetch });
      return async (order) => {
        const options = order.signal ? { signal: order.signal } : {};
        const body = bodyOf(order);
        if (!order.stream) return readMessage(await client.messages.create(body, options));
        const stream = client.messages.stream(body, options);
        stream.on('text', (piece) => order.onText?.(piece));
        return readMessage(await stream.finalMessage());
      };
    },
    refusalOf(error) {
      if (!(error instanceof Sdk.APIError)) return undefined;
      return { status: error.status, text: `${error.message} ${JSON.stringify(error.error)}` };
    },
  };
}

function bodyOf(order: Order) {
  const text = { type: 'text' as const, text: QUESTION };
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data: IMAGE };
  const messages: MessageParam[] = [
    { role: 'user', content: order.image ? [text, { type: 'image', source }] : QUESTION },
    ...historyOf(order),
  ];
  return {
    model: order.model,
    max_tokens: MAX_TOKENS,
    system: SYSTEM,
    messages,
    ...(order.tools && {
      tools: TOOLS.map(({ name, description, schema }) => ({
        name,
        description,
        input_schema: schema,
      })),
    }),
    ...(order.schema && {
      output_config: { format: { type: 'json_schema' as const, schema: SCHEMA } },
    }),
    ...(order.thinking && {
      thinking: { type: 'enabled' as const, budget_tokens: THINKING_BUDGET },
    }),
  };
}

function historyOf({ before }: Order): MessageParam[] {
  if (!before) return [];
  const results = before.results.map(({ id, text }) => ({
    type: 'tool_result' as const,
    tool_use_id: id,
    content: text,
  }));
  return [
    { role: 'assistant', content: before.said.history as Message['content'] },
    { role: 'user', content: results },
  ];
}

function readMessage({ content, stop_reason: reason, usage }: Message): Said {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    thinking: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [block] : [])),
    finish: finishOf(reason, 'end_turn', 'tool_use'),
    usage: {
      input:
        usage.input_tokens +
        (usage.cache_read_input_tokens ?? 0) +
        (usage.cache_creation_input_tokens ?? 0),
      cacheRead: usage.cache_read_input_tokens ?? 0,
      output: usage.output_tokens,
    },
    history: content,
  };
}
