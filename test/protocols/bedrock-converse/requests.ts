// Requests of Chat and Messages clients, and of the form itself, on their way to Converse.

import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest, Quirks } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { chatCall } from '../translation/requests.ts';
import { bedrock } from './answers.ts';

export const BUDGET: Quirks = {
  ...QUIRKS,
  thinkingStyle: 'budget',
  cachePoints: true,
  hourCaches: true,
};
export const ADAPTIVE: Quirks = { ...BUDGET, thinkingStyle: 'adaptive' };
export const QUESTION = { role: 'user', content: 'hi' };

export function fromChat(body: object, quirks: Quirks = BUDGET): EncodedRequest {
  const request = PROTOCOLS['openai-chat'].decodeRequest({
    model: 'm',
    messages: [QUESTION],
    ...body,
  });
  return bedrock.encodeRequest({ maxOutputTokens: 5000, ...request }, quirks);
}

export function fromMessages(body: object, quirks: Quirks = BUDGET): EncodedRequest {
  const base = { model: 'm', max_tokens: 5000, messages: [QUESTION] };
  const request = PROTOCOLS['anthropic-messages'].decodeRequest({ ...base, ...body });
  return bedrock.encodeRequest(request, quirks);
}

/** A request of the form itself, for what not every client protocol can say. */
export function fromForm(more: Partial<ChatRequest>, quirks: Quirks = BUDGET): EncodedRequest {
  const request: ChatRequest = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    tools: [],
    maxOutputTokens: 5000,
    stream: false,
    includeUsage: false,
    dropped: [],
    ...more,
  };
  return bedrock.encodeRequest(request, quirks);
}

export const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} }, ...more },
});
export const toolSpec = (name: string) => ({
  toolSpec: { name, inputSchema: { json: { type: 'object', properties: {} } } },
});
export const calling = [
  QUESTION,
  { role: 'assistant', tool_calls: [chatCall('c1', '{"x":1}')] },
  { role: 'tool', tool_call_id: 'c1', content: 'done' },
];
