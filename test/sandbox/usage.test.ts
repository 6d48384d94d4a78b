// The published token rules, computed here on their own and compared with what the sandbox reports.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { countTokens, splitTokens } from '../../src/sandbox/tokens.ts';
import type { Body, Usage } from './client.ts';
import { ask, complete, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / 4);

async function usageOf(body: Body): Promise<Usage> {
  const { usage } = await complete(sandbox, body);
  if (!usage) throw new Error('no usage');
  return usage;
}

describe('a token', () => {
  it('is four bytes, and splitting yields as many pieces as counting says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const pieces = [...splitTokens(text)];
        expect(pieces.join('')).toBe(text);
        expect(pieces).toHaveLength(tokens(text));
        expect(countTokens(text)).toBe(tokens(text));
        for (const piece of pieces) expect(piece.isWellFormed()).toBe(text.isWellFormed());
      }),
    );
  });
});

describe('usage', () => {
  it('counts each message on its own, and four more for it', async () => {
    const texts = ['system', 'héllo', ''];
    const messages = texts.map((content) => ({ role: 'user', content }));
    const usage = await usageOf({ model: 'echo', messages });
    expect(usage.prompt_tokens).toBe(texts.reduce((sum, text) => sum + tokens(text) + 4, 0));
    expect(usage.completion_tokens).toBe(0);
  });

  it('counts the answer and adds up', async () => {
    const usage = await usageOf(ask('echo', 'héllo wörld'));
    expect(usage.completion_tokens).toBe(tokens('héllo wörld'));
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens);
  });

  it('counts 256 for each image and nothing for its bytes', async () => {
    const image = { type: 'image_url', image_url: { url: `data:,${'A'.repeat(10_000)}` } };
    const content = [{ type: 'text', text: 'look' }, image, image];
    const usage = await usageOf({ model: 'echo', messages: [{ role: 'user', content }] });
    expect(usage.prompt_tokens).toBe(tokens('look') + 4 + 2 * 256);
  });

  it('counts tools by their JSON, and the calls of earlier turns', async () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const plain = ask('tools', 'go', { tool_choice: 'none' });
    const difference =
      (await usageOf({ ...plain, tools })).prompt_tokens - (await usageOf(plain)).prompt_tokens;
    expect(difference).toBe(tokens(JSON.stringify(tools)));

    const call = { id: 'a', type: 'function', function: { name: 'name', arguments: '{"a":1}' } };
    const messages = [{ role: 'assistant', content: null, tool_calls: [call] }];
    const { prompt_tokens } = await usageOf({ model: 'echo', messages });
    expect(prompt_tokens).toBe(tokens('name{"a":1}') + 4);
  });

  it('counts a call by its name and its arguments', async () => {
    const tools = [{ type: 'function', function: { name: 'get_weather' } }];
    const usage = await usageOf(ask('tools', 'go', { tools }));
    expect(usage.completion_tokens).toBe(tokens('get_weather') + tokens('{}'));
  });

  it('counts every choice, but the prompt once', async () => {
    const one = await usageOf(ask('echo', 'hello there', { reasoning_effort: 'low' }));
    const four = await usageOf(ask('echo', 'hello there', { reasoning_effort: 'low', n: 4 }));
    expect(four.prompt_tokens).toBe(one.prompt_tokens);
    expect(four.completion_tokens).toBe(4 * one.completion_tokens);
    expect(four.completion_tokens_details.reasoning_tokens).toBe(4 * 32);
  });

  it('counts reasoning inside the completion, never beyond the cap', async () => {
    const body = ask('echo', 'hello', { reasoning_effort: 'medium' });
    const usage = await usageOf(body);
    expect(usage.completion_tokens_details.reasoning_tokens).toBe(64);
    expect(usage.completion_tokens).toBe(64 + tokens('hello'));
    const capped = await usageOf({ ...body, max_completion_tokens: 10 });
    expect(capped.completion_tokens).toBe(10);
    expect(capped.completion_tokens_details.reasoning_tokens).toBe(10);
  });

  it('calls a prefix of 1024 tokens cached, in steps of 128', async () => {
    const cachedOf = async (prefixTokens: number) => {
      const system = { role: 'system', content: 'abcd'.repeat(prefixTokens - 4) };
      const messages = [system, { role: 'user', content: 'x'.repeat(9_999) }];
      return (await usageOf({ model: 'echo', messages })).prompt_tokens_details.cached_tokens;
    };
    expect(await cachedOf(1_023)).toBe(0);
    expect(await cachedOf(1_024)).toBe(1_024);
    expect(await cachedOf(1_151)).toBe(1_024);
    expect(await cachedOf(1_152)).toBe(1_152);
  });

  it('comes in a stream only when asked for, as the last chunk and with no choices', async () => {
    const body = ask('echo', 'hello there', { n: 2 });
    const silent = await stream(sandbox, body);
    expect(silent.chunks.filter((chunk) => 'usage' in chunk)).toEqual([]);

    const asked = { ...body, stream_options: { include_usage: true } };
    const { chunks, data } = await stream(sandbox, asked);
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage).toEqual((await complete(sandbox, body)).usage);
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk.usage).toBeNull();
      expect(chunk.choices).toHaveLength(1);
    }
    expect(data.at(-1)).toBe('[DONE]');
  });
});
