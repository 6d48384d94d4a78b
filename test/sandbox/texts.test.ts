// echo and lorem: what they say, where they stop, and that both modes say the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { ask, complete, completeMessage, fold, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const finishOf = async (body: Parameters<typeof complete>[1]) =>
  (await complete(sandbox, body)).choices[0]?.finish_reason;

describe('echo', () => {
  it('answers the last user message, whatever follows it', async () => {
    const messages = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'yes' },
      { role: 'user', content: 'Grüße, 世界 😀' },
      { role: 'assistant', content: 'prefill' },
    ];
    const { content } = await completeMessage(sandbox, { model: 'echo', messages });
    expect(content).toBe('Grüße, 世界 😀');
  });

  it('acknowledges what is not text by its kind', async () => {
    const content = [
      { type: 'text', text: 'look' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    const body = { model: 'echo', messages: [{ role: 'user', content }] };
    expect((await completeMessage(sandbox, body)).content).toBe('look\n[image]');
  });

  it('answers nothing when no user has spoken', async () => {
    const body = { model: 'echo', messages: [{ role: 'system', content: 'alone' }] };
    expect((await completeMessage(sandbox, body)).content).toBe('');
    expect(await finishOf(body)).toBe('stop');
  });

  it.each(['max_tokens', 'max_completion_tokens'])('cuts at %s', async (field) => {
    const body = ask('echo', 'abcdefghijkl', { [field]: 2 });
    expect((await completeMessage(sandbox, body)).content).toBe('abcdefgh');
    expect(await finishOf(body)).toBe('length');
    expect(fold((await stream(sandbox, body)).chunks)).toMatchObject({
      content: 'abcdefgh',
      finish: ['length'],
    });
  });

  it('does not call an answer cut that just fits', async () => {
    expect(await finishOf(ask('echo', 'abcdefgh', { max_tokens: 2 }))).toBe('stop');
  });

  it('obeys the smaller of two caps', async () => {
    const body = ask('echo', 'abcdefghijkl', { max_tokens: 1, max_completion_tokens: 2 });
    expect((await completeMessage(sandbox, body)).content).toBe('abcd');
  });

  it('stops before the first stop sequence that occurs', async () => {
    const body = ask('echo', 'one two three', { stop: ['three', 'two', 'absent'] });
    expect((await completeMessage(sandbox, body)).content).toBe('one ');
    expect(await finishOf(body)).toBe('stop');
    const single = ask('echo', 'one two three', { stop: 'three' });
    expect((await completeMessage(sandbox, single)).content).toBe('one two ');
  });

  it('cuts no character in two, neither at the cap nor between chunks', async () => {
    const text = '😀é世'.repeat(40);
    const streamed = await stream(sandbox, ask('echo', text));
    expect(fold(streamed.chunks).content).toBe(text);
    for (const max of [1, 2, 3, 4, 5]) {
      const { content } = await completeMessage(sandbox, ask('echo', text, { max_tokens: max }));
      expect(text.startsWith(content ?? 'missing')).toBe(true);
      expect(content?.isWellFormed()).toBe(true);
    }
  });
});

describe('lorem', () => {
  const bytesOf = async (text: string, more = {}) =>
    Buffer.byteLength((await completeMessage(sandbox, ask('lorem', text, more))).content ?? '');

  it('is 120 tokens long unless asked otherwise', async () => {
    expect(await bytesOf('hello')).toBe(120 * 4);
  });

  it.each([1, 2, 7, 500, 20_000])('is as long as asked: %i tokens', async (tokens) => {
    expect(await bytesOf(`Write ${tokens} tokens, please`)).toBe(tokens * 4);
    expect(await finishOf(ask('lorem', `${tokens} tokens`))).toBe('stop');
  });

  it('counts words when asked for words', async () => {
    const { content } = await completeMessage(sandbox, ask('lorem', 'give me 33 words'));
    expect(content?.split(' ')).toHaveLength(33);
  });

  it('never exceeds 20 000 tokens, and says that it was cut', async () => {
    for (const text of ['20001 tokens', '999999999 tokens', '999999999 words']) {
      expect(await bytesOf(text)).toBe(20_000 * 4);
      expect(await finishOf(ask('lorem', text))).toBe('length');
    }
  });

  it('is cut at the cap', async () => {
    expect(await bytesOf('500 tokens', { max_tokens: 10 })).toBe(40);
  });
});

describe('any answer', () => {
  it.each([
    ask('echo', 'the same text'),
    ask('lorem', '50 words', { reasoning_effort: 'low' }),
    ask('lorem', '9 tokens', { n: 3 }),
  ])('says the same streamed and whole', async (body) => {
    const whole = await complete(sandbox, body);
    const { chunks } = await stream(sandbox, body);
    for (const { index, message, finish_reason } of whole.choices) {
      const { finish, ...folded } = fold(chunks, index);
      expect(folded).toEqual({ ...message, refusal: undefined });
      expect(finish).toEqual([finish_reason]);
    }
  });

  it('is the same every time and from every sandbox, but for the date', async () => {
    const other = await startSandbox();
    const undated = (value: unknown) => JSON.stringify(value).replace(/\\?"created\\?":\d+/g, '');
    for (const body of [ask('echo', 'x', { seed: 1 }), ask('lorem', '30 tokens', { n: 2 })]) {
      const first = undated(await complete(sandbox, body));
      expect(undated(await complete(sandbox, body))).toBe(first);
      expect(undated(await complete(other, body))).toBe(first);
      const streamed = undated((await stream(sandbox, body)).data);
      expect(undated((await stream(other, body)).data)).toBe(streamed);
    }
    await other.close();
  });

  it('thinks first when an effort is set, within the same cap', async () => {
    const efforts = { low: 32, medium: 64, high: 128, xhigh: 256, max: 512 };
    for (const [effort, tokens] of Object.entries(efforts)) {
      const body = ask('echo', 'abcdefgh', { reasoning_effort: effort });
      const message = await completeMessage(sandbox, body);
      expect(Buffer.byteLength(message.reasoning_content ?? '')).toBe(tokens * 4);
      expect(message.content).toBe('abcdefgh');
    }
    const capped = ask('echo', 'abcdefgh', { reasoning_effort: 'low', max_tokens: 33 });
    expect((await completeMessage(sandbox, capped)).content).toBe('abcd');
    for (const effort of ['none', 'minimal', null]) {
      const body = ask('echo', 'hi', { reasoning_effort: effort });
      expect(await completeMessage(sandbox, body)).not.toHaveProperty('reasoning_content');
    }
  });
});
