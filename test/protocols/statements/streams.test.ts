// Streams that are legal but odd, and their endings, where hubs are known to break.

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { ChatProtocol } from '../../../src/protocols/protocol.ts';
import {
  answerOf,
  chatChunk,
  chatStream,
  decode,
  encode,
  fixture,
  frames,
  messagesStream,
  payloads,
} from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];

describe('comments of a provider', () => {
  const COMMENTS = [': ping\n\n', ': keepalive\n', ':\n\n', ': OPENROUTER PROCESSING\n\n'];

  it.each(COMMENTS)('before, between and after events change nothing: %j', (comment) => {
    for (const [protocol, name] of [
      [chat, 'chat'],
      [messages, 'messages'],
    ] as const) {
      const plain = fixture(name);
      const odd = comment + plain.replaceAll('\n\n', `\n\n${comment}`);
      const content = (text: string): unknown =>
        decode(protocol, text).filter(({ type }) => type !== 'ping');
      expect(content(odd)).toEqual(content(plain));
    }
  });
});

describe('an error after status 200', () => {
  const chatError = `data: ${JSON.stringify({ error: { message: 'x', type: 'server_error' } })}\n\n`;
  const claudeError = messagesStream({
    type: 'error',
    error: { type: 'overloaded_error', message: 'x' },
  } as { type: string });
  const begun = {
    chat: `data: ${JSON.stringify(chatChunk({ content: 'a' }))}\n\n`,
    messages: messagesStream(
      { type: 'message_start', message: { id: 'm' } } as { type: string },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'a' } } as {
        type: string;
      },
    ),
  };
  const CASES: [string, ChatProtocol, string, ChatProtocol][] = [
    ['Chat to Chat', chat, begun.chat + chatError, chat],
    ['Chat to Messages', chat, begun.chat + chatError, messages],
    ['Messages to Chat', messages, begun.messages + claudeError, chat],
    ['Messages to Messages', messages, begun.messages + claudeError, messages],
  ];

  it.each(CASES)('reaches the client in its own dialect: %s', (_, from, stream, to) => {
    const written = encode(to, decode(from, stream));
    const last = payloads(written).at(-1) as unknown;
    if (to === chat) {
      expect(last).toEqual({
        error: {
          message: expect.any(String) as string,
          type: expect.any(String) as string,
          param: null,
          code: expect.any(String) as string,
        },
      });
      expect(written).not.toContain('[DONE]');
    } else {
      expect(last).toMatchObject({
        type: 'error',
        error: { message: expect.any(String) as string },
      });
      expect(frames(written).at(-1)?.name).toBe('error');
      expect(written).not.toContain('message_stop');
    }
    expect(written).not.toContain('"finish_reason":"stop"');
  });
});

describe('the end of an answer', () => {
  it('comes once, though the provider says it twice', () => {
    const stream = chatStream(
      chatChunk({ content: 'a' }),
      chatChunk({}, 'stop'),
      chatChunk({ content: '' }, 'stop', { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
    );
    const events = decode(chat, stream);
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
    expect(encode(chat, events).match(/"finish_reason":"stop"/g)).toHaveLength(1);
    expect(encode(messages, events).match(/event: message_delta/g)).toHaveLength(1);
  });

  it('comes after the text that stands beside it', () => {
    const stream = chatStream(chatChunk({ content: 'a' }), chatChunk({ content: 'b' }, 'stop'));
    const events = decode(chat, stream);
    expect(answerOf(events).parts).toEqual([{ type: 'text', text: 'ab' }]);
    const written = encode(messages, events);
    expect(written.indexOf('"text":"b"')).toBeGreaterThan(0);
    expect(written.indexOf('"text":"b"')).toBeLessThan(written.indexOf('message_delta'));
  });

  it('is one [DONE] for a Chat client, and none for one of Messages or Gemini', () => {
    for (const events of [decode(chat, fixture('chat')), decode(messages, fixture('messages'))]) {
      expect(encode(chat, events).match(/\[DONE\]/g)).toHaveLength(1);
      expect(encode(chat, events).endsWith('data: [DONE]\n\n')).toBe(true);
      expect(encode(messages, events)).not.toContain('[DONE]');
      expect(encode(PROTOCOLS.gemini, events)).not.toContain('[DONE]');
    }
  });

  it('has a stop sequence that is null where none was met', () => {
    const written = encode(messages, decode(chat, chatStream(chatChunk({ content: 'a' }, 'stop'))));
    expect(written).toContain('"stop_sequence":null');
  });
});
