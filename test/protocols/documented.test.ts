// The published tables of drops and refusals are the code's own lists, and every name on the lists is
// one that a request can meet.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/chat/request.ts';
import { MESSAGES_FIELDS } from '../../src/protocols/anthropic-messages/decode-request.ts';
import { MESSAGES_DROPS, MESSAGES_REFUSALS } from '../../src/protocols/anthropic-messages/drops.ts';
import { HOSTED_BLOCKS } from '../../src/protocols/anthropic-messages/hosted.ts';
import { PROTOCOLS } from '../../src/protocols/list.ts';
import { CHAT_FIELDS } from '../../src/protocols/openai-chat/decode-request.ts';
import { CHAT_DROPS, CHAT_REFUSALS } from '../../src/protocols/openai-chat/drops.ts';
import type { ChatProtocol, Quirks } from '../../src/protocols/protocol.ts';
import { HINTS, QUIRKS } from './streams.ts';
import { refusal } from './translation/requests.ts';

const document = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');

/** The names in the first column of the table with this head. */
function namesUnder(head: string): string[] {
  const [, after = ''] = document.split(`| ${head} |`);
  const rows = after.split('\n').slice(2);
  const end = rows.findIndex((row) => !row.startsWith('|'));
  return rows.slice(0, end).map((row) => /^\| `([^`]+)` \|/.exec(row)?.[1] ?? row);
}

describe('the published tables', () => {
  it.each<[string, Iterable<string>]>([
    ['dropped from Chat', CHAT_FIELDS.droppable],
    ['dropped from Messages', MESSAGES_FIELDS.droppable],
    ['hosted block', HOSTED_BLOCKS],
    ['dropped for Chat', CHAT_DROPS],
    ['refused for Chat', CHAT_REFUSALS],
    ['dropped for Messages', MESSAGES_DROPS],
    ['refused for Messages', MESSAGES_REFUSALS],
  ])('hold what the code holds: %s', (head, names) => {
    expect(namesUnder(head).toSorted()).toEqual([...names].toSorted());
  });
});

const PLAIN: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  maxOutputTokens: 5000,
  stream: false,
  includeUsage: false,
  dropped: [],
};
const MARK = { ttl: '1h' } as const;
const USER = PLAIN.messages[0]!;

type Asked = Partial<ChatRequest>;
type Case = Asked | readonly [Asked, Partial<Quirks>];

const said = (content: object): Asked => ({
  messages: [USER, { role: 'assistant', content: [content] }, USER] as never,
});
const results = (more: object): Asked => ({
  messages: [
    USER,
    { role: 'tool', results: [{ callId: 'a', content: [], isError: false, ...more }] },
  ],
});
const call = { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{}' };
const marked = { type: 'text', text: 'x', cache: MARK };
const cited = { type: 'text', text: 'x', citations: [{ url: 'https://a.example/' }] };
const tool = { type: 'function', name: 'f', parameters: {}, cache: MARK } as const;
const asks = (...content: object[]): Asked => ({ messages: [{ role: 'user', content }] as never });

const CHAT_CASES: Record<(typeof CHAT_DROPS)[number], Case> = {
  cache_control: asks(marked, marked, marked, marked, marked),
  'cache_control.ttl': asks(marked),
  frequency_penalty: [{ frequencyPenalty: 1 }, { refusesPenalties: true }],
  'messages.citations': said(cited),
  'messages.thinking': said({ type: 'thinking', text: 'x', signature: 's', maker: 'other' }),
  'messages.tool_result.cache_control': results({ cache: MARK }),
  'messages.tool_use.cache_control': said({ ...call, cache: MARK }),
  metadata: { metadata: { a: 'b' } },
  presence_penalty: [{ presencePenalty: 1 }, { refusesPenalties: true }],
  prompt_cache_key: [{ promptCacheKey: 'k' }, QUIRKS],
  reasoning_effort: [{ reasoning: { effort: 'max' } }, { efforts: ['low'] }],
  'reasoning.summary': { reasoning: { summary: 'auto' } },
  service_tier: [{ serviceTier: 'flex' }, QUIRKS],
  'tools.cache_control': { tools: [tool] },
  top_k: { topK: 1 },
  user: { endUser: 'u'.repeat(65) },
  verbosity: [{ verbosity: 'low' }, QUIRKS],
};

const MESSAGES_CASES: Record<(typeof MESSAGES_DROPS)[number], Case> = {
  cache_control: asks(marked, marked, marked, marked, marked),
  frequency_penalty: { frequencyPenalty: 1 },
  'messages.annotations': said(cited),
  'messages.reasoning': said({ type: 'thinking', text: 'x' }),
  metadata: { metadata: { a: 'b' } },
  presence_penalty: { presencePenalty: 1 },
  prompt_cache_key: { promptCacheKey: 'k' },
  reasoning_effort: { reasoning: { effort: 'minimal' } },
  response_format: { responseFormat: { type: 'json_object' } },
  seed: { seed: 1 },
  service_tier: { serviceTier: 'flex' },
  temperature: [{ temperature: 0.5 }, { refusesSampling: true }],
  'temperature>1': { temperature: 1.5 },
  top_k: [{ topK: 1 }, { refusesSampling: true }],
  top_p: [{ topP: 0.5 }, { refusesSampling: true }],
  user: { endUser: 'u'.repeat(257) },
  verbosity: { verbosity: 'low' },
};

const CHAT_REFUSED: Record<(typeof CHAT_REFUSALS)[number], Case> = {
  max_tokens: { maxOutputTokens: 0 },
  'messages.content.audio.format': asks({ type: 'audio', mediaType: 'audio/ogg', data: 'AA' }),
  'messages.content.source.url': asks({
    type: 'file',
    source: { kind: 'url', url: 'https://a.example/' },
  }),
  tool_choice: [
    { tools: [tool], toolChoice: { type: 'required' }, reasoning: { effort: 'low' } },
    { forcedChoiceStopsThinking: true },
  ],
};

const custom = { type: 'custom', name: 'f' } as const;
const MESSAGES_REFUSED: Record<(typeof MESSAGES_REFUSALS)[number], Case> = {
  n: { choices: 2 },
  logprobs: { topLogprobs: 0 },
  logit_bias: { logitBias: { 1: 1 } },
  stop: { stop: [' '] },
  'tools.type': { tools: [custom] },
  'messages.tool_calls.type': said({ ...call, custom: true }),
  'messages.content.type': asks({ type: 'audio', mediaType: 'audio/wav', data: 'AA' }),
};

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const named = (protocol: ChatProtocol, cases: Record<string, Case>) =>
  Object.entries(cases).map(([name, each]) => [protocol.id, name, each, protocol] as const);

describe('every name on the lists', () => {
  it.each([...named(chat, CHAT_CASES), ...named(messages, MESSAGES_CASES)])(
    'is met by a request, in %s: %s',
    (_, name, each, protocol) => {
      const [asked, quirks] = Array.isArray(each) ? each : [each as Asked, HINTS];
      const plain = protocol.encodeRequest(PLAIN, HINTS);
      expect(plain.dropped).toEqual([]);
      const { dropped } = protocol.encodeRequest({ ...PLAIN, ...asked }, { ...QUIRKS, ...quirks });
      expect(dropped).toContain(name);
    },
  );

  it.each([...named(chat, CHAT_REFUSED), ...named(messages, MESSAGES_REFUSED)])(
    'is refused, in %s: %s',
    (_, name, each, protocol) => {
      const [asked, quirks] = Array.isArray(each) ? each : [each as Asked, HINTS];
      const request = { ...PLAIN, ...asked };
      expect(refusal(() => protocol.encodeRequest(request, { ...QUIRKS, ...quirks }))).toBe(
        `unsupported_parameter ${name}`,
      );
    },
  );
});
