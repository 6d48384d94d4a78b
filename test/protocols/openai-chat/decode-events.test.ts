// Departures of real servers from the Chat grammar, each absorbed.

import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { answerOf, chatChunk, chatStream, decode, QUIRKS } from '../streams.ts';

const chat = PROTOCOLS['openai-chat'];

function callsOf(stream: string): string[][] {
  return answerOf(decode(chat, stream)).parts.flatMap((part) =>
    part.type === 'tool_call' ? [[part.id, part.name, part.argumentsJson]] : [],
  );
}

function call(id: string | undefined, name: string, json: unknown, index?: number): object {
  return { index, id, function: { name, arguments: json } };
}

describe('reading a Chat stream', () => {
  it('keeps whole calls without index apart', () => {
    const calls = [call('a', 'f', '{"x":1}'), call('b', 'f', '{"x":2}')];
    expect(callsOf(chatStream(chatChunk({ tool_calls: calls }, 'tool_calls')))).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'f', '{"x":2}'],
    ]);
  });

  it('keeps calls apart that all claim index 0', () => {
    const stream = chatStream(
      chatChunk({ tool_calls: [call('a', 'f', '{}', 0)] }),
      chatChunk({ tool_calls: [call('b', 'g', '{"y":', 0)] }),
      chatChunk({ tool_calls: [call('b', '', '2}', 0)] }, 'tool_calls'),
    );
    expect(callsOf(stream)).toEqual([
      ['a', 'f', '{}'],
      ['b', 'g', '{"y":2}'],
    ]);
  });

  it('joins fragments that repeat the id or carry an empty name', () => {
    const stream = chatStream(
      chatChunk({ tool_calls: [call('a', 'f', '{"x"', 0)] }),
      chatChunk({ tool_calls: [call('a', 'f', ':', 0)] }),
      chatChunk({ tool_calls: [call(undefined, '', '1}', 0)] }, 'tool_calls'),
    );
    expect(callsOf(stream)).toEqual([['a', 'f', '{"x":1}']]);
  });

  it('joins fragments without index to the newest call', () => {
    const stream = chatStream(
      chatChunk({ tool_calls: [call('a', 'f', '{"x"')] }),
      chatChunk({ tool_calls: [call(undefined, '', ':1}')] }, 'tool_calls'),
    );
    expect(callsOf(stream)).toEqual([['a', 'f', '{"x":1}']]);
  });

  it('keeps arguments that come before the name', () => {
    const stream = chatStream(
      chatChunk({ tool_calls: [call('a', '', '{"x":', 0)] }),
      chatChunk({ tool_calls: [call('a', 'f', '1}', 0)] }, 'tool_calls'),
    );
    expect(callsOf(stream)).toEqual([['a', 'f', '{"x":1}']]);
  });

  it('takes arguments that are an object, and makes up a missing id', () => {
    const stream = chatStream(
      chatChunk(
        { tool_calls: [call(undefined, 'f', { x: 1 }, 0), call('', 'g', null, 1)] },
        'stop',
      ),
    );
    const calls = callsOf(stream);
    expect(calls.map(([, ...rest]) => rest)).toEqual([
      ['f', '{"x":1}'],
      ['g', '{}'],
    ]);
    const ids = calls.map(([id]) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it('relays text that stands on the finish chunk', () => {
    const { parts, finish } = answerOf(
      decode(chat, chatStream(chatChunk({ content: 'end' }, 'stop'))),
    );
    expect(parts).toEqual([{ type: 'text', text: 'end' }]);
    expect(finish).toBe('stop');
  });

  it('reads reasoning from each of its places once', () => {
    const detail = { type: 'reasoning.text', text: 'hm', index: 0 };
    for (const delta of [
      { reasoning_content: 'hm' },
      { reasoning: 'hm' },
      { reasoning: 'hm', reasoning_details: [detail] },
      { reasoning_details: [detail] },
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] },
    ]) {
      const { parts } = answerOf(decode(chat, chatStream(chatChunk(delta, 'stop'))));
      expect(parts).toEqual([{ type: 'thinking', text: 'hm' }]);
    }
  });

  it.each([
    ['eos', 'stop'],
    ['length', 'length'],
    ['model_length', 'context_full'],
    ['content_filter', 'content_filter'],
    ['constructor', 'stop'],
  ])('reads the finish reason %s', (word, reason) => {
    expect(decode(chat, chatStream(chatChunk({}, word)))).toContainEqual({
      type: 'finish',
      reason,
    });
  });

  it('reads a refusal, which ends with stop', () => {
    const { parts, finish } = answerOf(
      decode(chat, chatStream(chatChunk({ refusal: 'no' }, 'stop'))),
    );
    expect(parts).toEqual([{ type: 'refusal', text: 'no' }]);
    expect(finish).toBe('refusal');
  });

  it.each([
    ['{"error":{"message":"boom","type":"server_error"}}', 'upstream_failed'],
    ['{"error":{"message":"slow down","code":429}}', 'upstream_rate_limited'],
    ['{"error":"boom"}', 'upstream_failed'],
    ['{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}', 'upstream_failed'],
  ])('ends with an error for %s, and reads nothing after it', (data, code) => {
    const rest = 'data: {"choices":[{"delta":{"content":"late"}}]}\n\ndata: [DONE]\n\n';
    const first = JSON.stringify(chatChunk({ content: 'a' }));
    const stream = `data: ${first}\n\ndata: ${data}\n\n${rest}`;
    const events = decode(chat, stream);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code } });
    expect(events).not.toContainEqual({ type: 'text', text: 'late' });
    expect(JSON.stringify(events)).not.toContain('boom');
  });

  it('is complete with a finish and without [DONE], and broken off without a finish', () => {
    const line = (chunk: object): string => `data: ${JSON.stringify(chunk)}\n\n`;
    expect(decode(chat, line(chatChunk({ content: 'a' }, 'stop'))).at(-1)?.type).toBe('finish');
    expect(decode(chat, line(chatChunk({ content: 'a' }))).at(-1)).toMatchObject({
      error: { code: 'upstream_broke_off' },
    });
    expect(decode(chat, '').at(-1)).toMatchObject({ error: { code: 'upstream_broke_off' } });
  });

  it('ignores what follows [DONE]', () => {
    const stream = chatStream(chatChunk({ content: 'a' }, 'stop'));
    expect(decode(chat, stream + stream)).toEqual(decode(chat, stream));
  });

  it('never throws on foreign input', () => {
    // Keys that are indices keep JSON.stringify off its path without recursion.
    const deep = `${'{"0":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const odd = [
      'null',
      '7',
      '"x"',
      '[]',
      '{"choices":[null,7,{"delta":null},{"delta":{"tool_calls":[null,{}]},"index":"x"}]}',
      '{"choices":[{"delta":{"content":5,"reasoning_details":[null,{}],"tool_calls":{}}}]}',
      `{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}`,
      '{"choices":[{"delta":{"reasoning_details":' +
        `[{"type":"reasoning.encrypted","data":${deep}}]}}]}`,
      '{"usage":[],"choices":{}}',
      '{"choices":[{"finish_reason":{}}],"x_groq":{"usage":7}}',
      '{broken',
    ];
    expect(() => decode(chat, odd.map((data) => `data: ${data}\n\n`).join(''))).not.toThrow();
    for (const data of odd.slice(0, -1)) {
      expect(() => chat.decodeReply(JSON.parse(data), QUIRKS)).not.toThrow();
    }
  });

  it('knows the events that end a stream and those that only tell usage', () => {
    const frame = (data: string) => ({ name: '', data, raw: Buffer.alloc(0) });
    const content = JSON.stringify(chatChunk({ content: '"error" "choices":[]' }));
    const usage = '{"choices": [ ],"usage":{"prompt_tokens":1}}';
    const filter = '{"choices":[],"prompt_filter_results":[],"usage":null}';
    expect([content, usage, filter].map((data) => chat.isTerminal(frame(data)))).toEqual([
      false,
      false,
      false,
    ]);
    expect(['[DONE]', '{"error":{"message":"x"}}'].map((d) => chat.isTerminal(frame(d)))).toEqual([
      true,
      true,
    ]);
    const inner = '{"choices":[{"delta":{"choices":[]}}],"usage":{"prompt_tokens":1}}';
    expect([content, usage, filter, inner].map((data) => chat.isOnlyUsage(frame(data)))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});
