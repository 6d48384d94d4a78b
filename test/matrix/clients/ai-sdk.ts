// The AI SDK (`ai`) with its providers for the three protocols. Each is told to think, to write JSON
// and to keep nothing in its own words, because its lists of models know no model of the hub's.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  type ToolSet,
  generateText,
  jsonSchema,
  streamText,
  tool,
} from 'ai';
import { type Client, type Connection, type Order, type Said, finishOf } from '../client.ts';
import {
  EFFORT,
  IMAGE,
  MAX_TOKENS,
  QUESTION,
  SCHEMA,
  SYSTEM,
  THINKING_BUDGET,
  TOOLS,
} from '../script.ts';

// It warns of each model that it does not know.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

type Options = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>;

interface Provider {
  readonly title: string;
  readonly readsThinking?: boolean;
  models(connection: Connection): (model: string) => LanguageModel;
  readonly always?: Options;
  readonly thinking: Options;
}

export const aiResponses = client({
  title: '`@ai-sdk/openai`, Responses',
  models: ({ baseUrl, ...rest }) => {
    const provider = createOpenAI({ baseURL: `${baseUrl}/v1`, ...rest });
    return (model) => provider.responses(model);
  },
  always: { openai: { store: false } },
  thinking: {
    openai: {
      store: false,
      forceReasoning: true,
      reasoningEffort: EFFORT,
      reasoningSummary: 'auto',
    },
  },
});

export const aiChat = client({
  title: '`@ai-sdk/openai`, Chat',
  readsThinking: false,
  models: ({ baseUrl, ...rest }) => {
    const provider = createOpenAI({ baseURL: `${baseUrl}/v1`, ...rest });
    return (model) => provider.chat(model);
  },
  thinking: { openai: { forceReasoning: true, reasoningEffort: EFFORT } },
});

export const aiCompatible = client({
  title: '`@ai-sdk/openai-compatible`',
  models: ({ baseUrl, ...rest }) => {
    const provider = createOpenAICompatible({
      name: 'hub',
      baseURL: `${baseUrl}/v1`,
      includeUsage: true,
      supportsStructuredOutputs: true,
      ...rest,
    });
    return (model) => provider(model);
  },
  thinking: { hub: { reasoningEffort: EFFORT } },
});

export const aiAnthropic = client({
  title: '`@ai-sdk/anthropic`',
  models: ({ baseUrl, ...rest }) => {
    const provider = createAnthropic({ baseURL: `${baseUrl}/v1`, ...rest });
    return (model) => provider(model);
  },
  always: { anthropic: { structuredOutputMode: 'outputFormat' } },
  thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: THINKING_BUDGET } } },
});

export const aiGoogle = client({
  title: '`@ai-sdk/google`',
  models: ({ baseUrl, ...rest }) => {
    const provider = createGoogle({ baseURL: `${baseUrl}/v1beta`, ...rest });
    return (model) => provider(model);
  },
  thinking: { google: { thinkingConfig: { thinkingLevel: EFFORT, includeThoughts: true } } },
});

function client({ title, readsThinking = true, models, always, thinking }: Provider): Client {
  return {
    title,
    readsThinking,
    connect(connection) {
      const modelOf = models(connection);
      return (order) => ask(modelOf(order.model), order, order.thinking ? thinking : always);
    },
    refusalOf(error) {
      if (!APICallError.isInstance(error)) return undefined;
      return { status: error.statusCode, text: `${error.message} ${error.responseBody}` };
    },
  };
}

async function ask(
  model: LanguageModel,
  order: Order,
  providerOptions: Options | undefined,
): Promise<Said> {
  const options = {
    model,
    instructions: SYSTEM,
    messages: messagesOf(order),
    maxRetries: 0,
    maxOutputTokens: MAX_TOKENS,
    ...(providerOptions && { providerOptions }),
    ...(order.tools && { tools: TOOL_SET }),
    ...(order.schema && { output: Output.object({ schema: jsonSchema(SCHEMA) }) }),
    ...(order.signal && { abortSignal: order.signal }),
  };
  if (!order.stream) {
    const { finalStep, usage, response } = await generateText(options);
    return readStep(finalStep, usage, response.messages);
  }
  const result = streamText({ ...options, onError: () => undefined });
  for await (const part of result.stream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') order.onText?.(part.text);
  }
  const [step, usage, response] = await Promise.all([
    result.finalStep,
    result.usage,
    result.response,
  ]);
  return readStep(step, usage, response.messages);
}

const TOOL_SET = Object.fromEntries(
  TOOLS.map(({ name, description, schema }) => [
    name,
    tool({ description, inputSchema: jsonSchema(schema) }),
  ]),
) as ToolSet;

function messagesOf({ image, before }: Order): ModelMessage[] {
  const text = { type: 'text' as const, text: QUESTION };
  const picture = { type: 'file' as const, data: IMAGE, mediaType: 'image/png' };
  const question: ModelMessage = { role: 'user', content: image ? [text, picture] : QUESTION };
  if (!before) return [question];
  const results = before.results.map(({ id, name, text: value }) => ({
    type: 'tool-result' as const,
    toolCallId: id,
    toolName: name,
    output: { type: 'text' as const, value },
  }));
  return [question, ...(before.said.history as ModelMessage[]), { role: 'tool', content: results }];
}

interface Step {
  readonly text: string;
  readonly reasoningText: string | undefined;
  readonly finishReason: string;
  readonly toolCalls: readonly { toolCallId: string; toolName: string; input: unknown }[];
}

function readStep(step: Step, usage: LanguageModelUsage, history: unknown): Said {
  return {
    text: step.text,
    thinking: step.reasoningText ?? '',
    calls: step.toolCalls.map(({ toolCallId: id, toolName: name, input }) => ({ id, name, input })),
    finish: finishOf(step.finishReason, 'stop', 'tool-calls'),
    usage: {
      input: usage.inputTokens,
      cacheRead: usage.inputTokenDetails.cacheReadTokens ?? 0,
      output: usage.outputTokens,
    },
    history,
  };
}
