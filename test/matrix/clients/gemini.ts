// Google's SDK. Its streams have no helper that puts them together, so their parts are collected.

import {
  ApiError,
  type Content,
  FinishReason,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
  ThinkingLevel,
} from '@google/genai';
import type { Client, Order, Said } from '../client.ts';
import { IMAGE, QUESTION, SCHEMA, SYSTEM, TOOLS } from '../script.ts';

export const gemini: Client = {
  title: "Google's SDK",
  readsThinking: true,
  connect({ baseUrl, apiKey, fetch }) {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl, fetch } });
    return async (order) => {
      const body = { model: order.model, contents: contentsOf(order), config: configOf(order) };
      if (!order.stream) return readChunks([await client.models.generateContent(body)]);
      const chunks: GenerateContentResponse[] = [];
      for await (const chunk of await client.models.generateContentStream(body)) {
        chunks.push(chunk);
        for (const { text = '', thought } of partsOf(chunk)) if (!thought) order.onText?.(text);
      }
      return readChunks(chunks);
    };
  },
  refusalOf(error) {
    if (!(error instanceof ApiError)) return undefined;
    return { status: error.status, text: error.message };
  },
};

function contentsOf({ image, before }: Order): Content[] {
  const picture: Part = { inlineData: { mimeType: 'image/png', data: IMAGE } };
  const question: Content = {
    role: 'user',
    parts: [{ text: QUESTION }, ...(image ? [picture] : [])],
  };
  if (!before) return [question];
  const results = before.results.map(({ id, name, text }) => ({
    functionResponse: { id, name, response: { output: text } },
  }));
  return [
    question,
    { role: 'model', parts: before.said.history as Part[] },
    { role: 'user', parts: results },
  ];
}

function configOf(order: Order): GenerateContentConfig {
  const declarations = TOOLS.map(({ name, description, schema }) => ({
    name,
    description,
    parametersJsonSchema: schema,
  }));
  return {
    systemInstruction: SYSTEM,
    ...(order.tools && { tools: [{ functionDeclarations: declarations }] }),
    ...(order.schema && { responseMimeType: 'application/json', responseJsonSchema: SCHEMA }),
    ...(order.thinking && {
      thinkingConfig: { thinkingLevel: ThinkingLevel.HIGH, includeThoughts: true },
    }),
    ...(order.signal && { abortSignal: order.signal }),
  };
}

function partsOf({ candidates }: GenerateContentResponse): Part[] {
  return candidates?.[0]?.content?.parts ?? [];
}

function readChunks(chunks: readonly GenerateContentResponse[]): Said {
  const parts = chunks.flatMap(partsOf);
  const last = chunks.at(-1);
  const reason = last?.candidates?.[0]?.finishReason;
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
  // It has one word for both.
  const stopped = calls.length > 0 ? 'tool_calls' : 'stop';
  const usage = last?.usageMetadata;
  const output = (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0);
  return {
    text: parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join(''),
    thinking: parts.map(({ text, thought }) => (thought ? (text ?? '') : '')).join(''),
    calls: calls.map(({ id = '', name = '', args }) => ({ id, name, input: args })),
    finish: reason === FinishReason.STOP ? stopped : `other: ${reason}`,
    usage: {
      input: usage?.promptTokenCount,
      cacheRead: usage?.cachedContentTokenCount ?? 0,
      output,
    },
    history: parts,
  };
}
