// Gemini between other protocols, where hubs are known to lose its signatures and its last words.

import { describe, expect, it } from 'vitest';
import { parseJson, stringOf, type JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import { CONTEXT, answerOf, encode, payloads, QUIRKS } from '../streams.ts';
import { call, chunk, read } from '../gemini/wire.ts';

const chat = PROTOCOLS['openai-chat'];
const gemini = PROTOCOLS.gemini;

const SIGNATURE = 'c2lnbmF0dXJl+/==';
const STOP = { finishReason: 'STOP' };

const toGemini = (messages: object[]): JsonObject[] => {
  const body = { model: 'm', messages: messages as JsonObject[] };
  return gemini.encodeRequest(chat.decodeRequest(body), QUIRKS).body['contents'] as JsonObject[];
};

describe("Gemini's signature of a call", () => {
  it('comes back to it through a Chat client that returns what it got', () => {
    const events = read(chunk([call('f', { x: 1 }, { id: 'a' })], {}), chunk([], STOP));
    expect(JSON.stringify(chat.encodeReply(events, CONTEXT))).not.toContain('reasoning');
    const signed = read(
      chunk([{ ...call('f', { x: 1 }, { id: 'a' }), thoughtSignature: SIGNATURE }], STOP),
    );
    const [choice] = chat.encodeReply(signed, CONTEXT)['choices'] as { message: JsonObject }[];
    const contents = toGemini([
      { role: 'user', content: 'hi' },
      choice!.message,
      { role: 'tool', tool_call_id: 'a', content: 'x' },
    ]);
    expect(contents[1]?.['parts']).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: SIGNATURE },
    ]);
  });
});

describe('what Gemini says in the end', () => {
  it('of arguments in pieces is whole, though no last piece comes', () => {
    const piece = (stringValue: string, more: object = {}): object => ({
      functionCall: {
        partialArgs: [{ jsonPath: '$.city', stringValue, willContinue: true }],
        willContinue: true,
        ...more,
      },
    });
    const events = read(chunk([piece('Kö', { name: 'f' })]), chunk([piece('ln')]), chunk([], STOP));
    const [part] = answerOf(events).parts;
    expect(part).toMatchObject({ type: 'tool_call', name: 'f' });
    expect(parseJson(part?.type === 'tool_call' ? part.argumentsJson : '')).toEqual({
      city: 'Köln',
    });
    expect(encode(chat, events)).toContain('"finish_reason":"tool_calls"');
  });

  it('after a first finish is relayed, and its last usage is the one that counts', () => {
    const counted = (candidatesTokenCount: number): object => ({
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount,
        totalTokenCount: 10 + candidatesTokenCount,
      },
    });
    const events = read(
      { ...chunk([{ text: 'a' }], STOP), ...counted(1) },
      { ...chunk([{ text: 'b' }], STOP), ...counted(2) },
    );
    const written = encode(chat, events);
    const deltas = (payloads(written) as { choices?: { delta: JsonObject }[] }[]).flatMap(
      ({ choices = [] }) => choices,
    );
    expect(deltas.map(({ delta }) => stringOf(delta['content']) ?? '').join('')).toBe('ab');
    expect(written.match(/"finish_reason":"stop"/g)).toHaveLength(1);
    expect(written.match(/"completion_tokens":\d+/g)).toEqual(['"completion_tokens":2']);
  });
});

describe('a message of nothing', () => {
  it('is never sent to Gemini', () => {
    const contents = toGemini([
      { role: 'system', content: '' },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: '' },
      { role: 'user', content: [{ type: 'text', text: '' }] },
      { role: 'user', content: 'b' },
    ]);
    expect(contents).not.toHaveLength(0);
    for (const { parts } of contents) {
      expect(parts).not.toHaveLength(0);
      expect(parts).not.toContainEqual({ text: '' });
    }
  });
});
