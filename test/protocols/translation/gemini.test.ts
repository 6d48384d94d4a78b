// Conversations between Gemini's protocol and the others: what a client of one says reaches a provider
// of the other, and signatures return to the provider that made them.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { ChatProtocol } from '../../../src/protocols/protocol.ts';
import { CONTEXT, decode, encode, fixture, payloads, QUIRKS } from '../streams.ts';
import { text } from './requests.ts';

const { 'openai-chat': chat, 'anthropic-messages': messages, gemini } = PROTOCOLS;
const ADDRESS = { model: 'm', stream: false, sse: false };
const DUMMY = 'skip_thought_signature_validator';

function translate(from: ChatProtocol, to: ChatProtocol, body: object) {
  const base = from === messages ? { model: 'm', max_tokens: 100 } : { model: 'm' };
  const request = from.decodeRequest({ ...base, ...body }, ADDRESS);
  return to.encodeRequest({ maxOutputTokens: 100, ...request }, QUIRKS);
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };

const CONTENTS = [
  {
    role: 'user',
    parts: [{ text: 'Weather?' }, { inlineData: { mimeType: 'image/png', data: 'A' } }],
  },
  {
    role: 'model',
    parts: [
      {
        functionCall: { id: 'c1', name: 'weather', args: { city: 'Köln' } },
        thoughtSignature: DUMMY,
      },
    ],
  },
  {
    role: 'user',
    parts: [
      { functionResponse: { id: 'c1', name: 'weather', response: { output: 'rain' } } },
      { text: 'And?' },
    ],
  },
];
const GEMINI_BODY = {
  contents: CONTENTS,
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  tools: [
    { functionDeclarations: [{ name: 'weather', description: 'd', parametersJsonSchema: SCHEMA }] },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY' } },
  generationConfig: { maxOutputTokens: 100, temperature: 0.5, stopSequences: ['END'] },
};

const MESSAGES_BODY = {
  system: [text('Be brief.')],
  max_tokens: 100,
  temperature: 0.5,
  stop_sequences: ['END'],
  tools: [{ name: 'weather', description: 'd', input_schema: SCHEMA }],
  tool_choice: { type: 'any' },
  messages: [
    {
      role: 'user',
      content: [
        text('Weather?'),
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A' } },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Köln' } }],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'c1', content: [text('rain')] }, text('And?')],
    },
  ],
};

const CHAT_BODY = {
  max_completion_tokens: 100,
  temperature: 0.5,
  stop: ['END'],
  tools: [
    { type: 'function', function: { name: 'weather', description: 'd', parameters: SCHEMA } },
  ],
  tool_choice: 'required',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        text('Weather?'),
        { type: 'image_url', image_url: { url: 'data:image/png;base64,A' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Köln"}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    { role: 'user', content: 'And?' },
  ],
};

describe('a conversation', () => {
  /** The turn that runs begins with the last question, so the call before it needs no signature. */
  const unsigned = JSON.parse(
    JSON.stringify(GEMINI_BODY).replace(`,"thoughtSignature":"${DUMMY}"`, ''),
  ) as object;

  it.each([
    ['Chat', chat, CHAT_BODY],
    ['Messages', messages, MESSAGES_BODY],
  ])('of a %s client reaches Gemini', (_, protocol, body) => {
    expect(translate(protocol, gemini, body)).toEqual({ body: unsigned, dropped: [] });
  });

  it.each([
    ['Chat', chat, CHAT_BODY],
    ['Messages', messages, MESSAGES_BODY],
  ])('of a Gemini client reaches a %s provider', (_, protocol, body) => {
    expect(translate(gemini, protocol, GEMINI_BODY)).toEqual({
      body: { model: 'm', ...body },
      dropped: [],
    });
  });

  it('that Gemini alone can say is refused for others', () => {
    const body = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], cachedContent: 'c/x' };
    expect(() => translate(gemini, chat, body)).toThrow(/cachedContent/);
  });
});

describe("Gemini's signatures", () => {
  /** The turn of a client that keeps what it got, and then answers both calls. */
  const CLIENTS: readonly [string, ChatProtocol, (reply: JsonObject) => object[]][] = [
    [
      'Chat',
      chat,
      (reply) => {
        const [choice] = reply['choices'] as { message: JsonObject }[];
        const calls = choice?.message['tool_calls'] as { id: string }[];
        const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'r' }));
        return [choice?.message ?? {}, ...results];
      },
    ],
    [
      'Messages',
      messages,
      (reply) => {
        const content = reply['content'] as { type: string; id: string }[];
        const results = content
          .filter(({ type }) => type === 'tool_use')
          .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'r' }));
        return [
          { role: 'assistant', content },
          { role: 'user', content: results },
        ];
      },
    ],
  ];

  it.each(CLIENTS)(
    'return to it through a %s client, on the call they came on',
    (_, protocol, next) => {
      const reply = protocol.encodeReply(decode(gemini, fixture('gemini')), CONTEXT);
      const history = [{ role: 'user', content: 'go' }, ...next(reply)];
      const { body } = translate(protocol, gemini, { messages: history });
      const [, turn] = body['contents'] as { parts: JsonObject[] }[];
      const called = turn?.parts.filter((part) => part['functionCall'] !== undefined);
      expect(called?.map((part) => [part['thoughtSignature'], part['functionCall']])).toEqual([
        [
          'c2lnbmF0dXJl+/==',
          { id: 'call_resp-x1_0', name: 'weather', args: { city: 'Köln', days: 2 } },
        ],
        [undefined, { id: 'call_b', name: 'now', args: {} }],
      ]);
    },
  );

  it.each(CLIENTS)('go to no provider of the %s protocol', (_, protocol) => {
    const parts = payloads(fixture('gemini')).flatMap(
      (chunk) =>
        (chunk as unknown as { candidates: { content: { parts: object[] } }[] }).candidates[0]!
          .content.parts,
    );
    const contents = [
      { role: 'user', parts: [{ text: 'go' }] },
      { role: 'model', parts },
    ];
    const { body } = translate(gemini, protocol, { contents });
    expect(JSON.stringify(body)).not.toContain('c2lnbmF0dXJl');
  });
});

describe("Claude's thinking", () => {
  it('returns to Claude byte for byte through a Gemini client', () => {
    const events = decode(messages, fixture('messages'));
    const streamed = payloads(encode(gemini, events)) as unknown[];
    const whole = [gemini.encodeReply(events, CONTEXT) as unknown];
    for (const chunks of [streamed, whole]) {
      const parts = (chunks as { candidates: { content: { parts: object[] } }[] }[]).flatMap(
        ({ candidates }) => candidates[0]!.content.parts,
      );
      const contents = [
        { role: 'user', parts: [{ text: 'go' }] },
        { role: 'model', parts },
        {
          role: 'user',
          parts: ['weather', 'now'].map((name) => ({
            functionResponse: { name, response: { output: 'r' } },
          })),
        },
      ];
      const { body } = translate(gemini, messages, { contents });
      expect((body['messages'] as JsonObject[])[1]?.['content']).toMatchObject([
        { type: 'thinking', thinking: 'Zwei Städte 𝄞', signature: 'c2lnbmF0dXJl+/==' },
        { type: 'redacted_thinking', data: 'b3BhcXVl' },
        text('Grüße aus 🌍'),
        { type: 'tool_use', id: 'toolu_a' },
        { type: 'tool_use', id: 'toolu_b' },
      ]);
    }
  });
});

describe('an answer', () => {
  it.each([
    ['Chat', chat],
    ['Messages', messages],
  ])('of Gemini is a whole one for a %s client, usage and calls included', (_, protocol) => {
    const events = decode(gemini, fixture('gemini'));
    const again = decode(protocol, encode(protocol, events));
    const essence = (list: typeof events) => {
      const tokens = list.findLast(({ type }) => type === 'usage');
      const calls = list.filter(({ type }) => type === 'tool_call');
      const words = list.map((event) => (event.type === 'text' ? event.text : '')).join('');
      return {
        calls,
        words,
        tokens: tokens?.type === 'usage' && [tokens.usage.input, tokens.usage.output],
      };
    };
    expect(essence(again)).toEqual(essence(events));
    expect(again).toContainEqual({ type: 'finish', reason: 'tool_calls' });
  });
});
