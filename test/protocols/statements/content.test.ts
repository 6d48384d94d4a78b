// What stands in messages, where hubs are known to lose it or to make it illegal.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { refusal, text, toChat, toMessages } from '../translation/requests.ts';
import { chatChunk, chatStream, CONTEXT, decode, encode, HINTS, payloads } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

const PNG = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
const image = { type: 'image', source: PNG };
const IMAGE_URL = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };

describe('empty texts', () => {
  it('never reach Claude, in whichever message they stand', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    const { body } = toMessages({
      messages: [
        { role: 'system', content: [text(''), text('s')] },
        { role: 'user', content: [text(' '), text('u')] },
        { role: 'assistant', content: [text('')], tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: '' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'u' },
      ],
    });
    const texts = JSON.stringify(body).match(/"text":"[^"]*"/g);
    expect(texts).toEqual(['"text":"s"', '"text":"u"', '"text":"u"']);
  });

  it('beside calls leave the calls alone', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
    const { body } = toMessages({
      messages: [
        { role: 'user', content: 'u' },
        { role: 'assistant', content: '', tool_calls: [call] },
      ],
    });
    expect((body['messages'] as JsonObject[])[1]?.['content']).toMatchObject([
      { type: 'tool_use', id: 'a' },
    ]);
  });
});

describe('a whole Messages answer', () => {
  it('has content wherever the provider made any', () => {
    const deltas = [
      { content: 'x' },
      { reasoning_content: 'x' },
      { refusal: 'x' },
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] },
    ];
    for (const delta of deltas) {
      const events = decode(chat, chatStream(chatChunk(delta, 'stop')));
      expect(messages.encodeReply(events, CONTEXT)['content']).toHaveLength(1);
    }
  });

  it('that is empty has one empty text, streamed and whole', () => {
    const events = decode(chat, chatStream(chatChunk({}, 'stop')));
    expect(messages.encodeReply(events, CONTEXT)['content']).toEqual([text('')]);
    const starts = payloads(encode(messages, events)).filter(
      ({ type }) => (type as unknown) === 'content_block_start',
    );
    expect(starts).toMatchObject([{ content_block: text('') }]);
  });
});

describe('breakpoints of the prompt cache', () => {
  const marked = (n: number): JsonObject[] =>
    Array.from({ length: n }, (_, i) => text(`${i}`, { cache_control: { type: 'ephemeral' } }));

  it("are four at the most, the client's first ones, on either way", () => {
    const { body, dropped } = toChat({ messages: [{ role: 'user', content: marked(6) }] }, HINTS);
    const [message] = body['messages'] as { content: JsonObject[] }[];
    const kept = message?.content.map((part) => 'prompt_cache_breakpoint' in part);
    expect(kept).toEqual([true, true, true, true, false, false]);
    expect(dropped).toEqual(['cache_control']);
    const back = marked(6).map(({ cache_control: _, ...part }) => ({
      ...part,
      prompt_cache_breakpoint: { mode: 'explicit' },
    }));
    const claude = toMessages({ messages: [{ role: 'user', content: back }] });
    const [written] = claude.body['messages'] as { content: JsonObject[] }[];
    expect(written?.content.map((part) => 'cache_control' in part)).toEqual(kept);
  });

  it('survive on every part that can carry them, and are named where none can', () => {
    const part = text('x', { cache_control: { type: 'ephemeral' } });
    const asked = {
      system: [part],
      messages: [
        { role: 'user', content: [part, { ...image, cache_control: part['cache_control'] }] },
      ],
    };
    const { body } = toChat(asked, HINTS);
    expect(JSON.stringify(body).match(/prompt_cache_breakpoint/g)).toHaveLength(3);
    const again = toMessages({ messages: body['messages'] as JsonObject[] }).body;
    expect(JSON.stringify(again).match(/cache_control/g)).toHaveLength(3);
    const strict = toChat(asked);
    expect(JSON.stringify(strict.body)).not.toContain('cache');
    expect(strict.dropped).toEqual(['cache_control']);
  });
});

describe('an image', () => {
  it('of a Messages client is an image at a Chat provider, and no text holds its data', () => {
    const { body } = toChat({ messages: [{ role: 'user', content: [text('see'), image] }] });
    expect(body['messages']).toEqual([{ role: 'user', content: [text('see'), IMAGE_URL] }]);
  });

  it('in the result of a call follows in a user message, and the result stays text', () => {
    const result = { type: 'tool_result', tool_use_id: 'a', content: [image] };
    const { body } = toChat({
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        { role: 'user', content: [result] },
      ],
    });
    const [tool, user] = (body['messages'] as JsonObject[]).slice(2);
    expect(tool).toEqual({
      role: 'tool',
      tool_call_id: 'a',
      content: expect.stringMatching(/^[^;,]+$/) as string,
    });
    expect(user).toEqual({ role: 'user', content: [IMAGE_URL] });
  });
});

describe('what the provider of a model cannot say', () => {
  const UNSAYABLE: [string, () => unknown, string][] = [
    ['several answers', () => toMessages({ n: 2 }), 'n'],
    ['log probabilities', () => toMessages({ logprobs: true }), 'logprobs'],
    ['biases', () => toMessages({ logit_bias: { 1: 1 } }), 'logit_bias'],
    ['blank stops', () => toMessages({ stop: [' '] }), 'stop'],
    ['audio answers', () => toMessages({ modalities: ['audio'] }), 'modalities'],
    [
      'custom tools',
      () => toMessages({ tools: [{ type: 'custom', custom: { name: 'f' } }] }),
      'tools.type',
    ],
    ['unknown fields', () => toMessages({ of_tomorrow: 1 }), 'of_tomorrow'],
    ["Anthropic's tools", () => toChat({ tools: [{ type: 'bash_20250124' }] }), 'tools[0].type'],
    ['a warmed cache', () => toChat({ max_tokens: 0 }), 'max_tokens'],
    [
      'citations of documents',
      () =>
        toChat({
          messages: [
            {
              role: 'user',
              content: [{ type: 'document', source: PNG, citations: { enabled: true } }],
            },
          ],
        }),
      'messages[0].content[0].citations',
    ],
    [
      'files by their id',
      () =>
        toChat({
          messages: [
            { role: 'user', content: [{ ...image, source: { type: 'file', file_id: 'x' } }] },
          ],
        }),
      'messages[0].content[0].source.type',
    ],
  ];

  it.each(UNSAYABLE)('is refused by name before anything is sent: %s', (_, translate, param) => {
    expect(refusal(translate)).toBe(`unsupported_parameter ${param}`);
  });
});
