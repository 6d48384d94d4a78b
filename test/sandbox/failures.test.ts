// The models that fail: each fails in its one way, streamed and whole, and in no other.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SANDBOX_DIRECT_MODELS, SANDBOX_MODELS } from '../../src/sandbox/models.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Completion } from './client.ts';
import { ask, complete, fold, post, stream } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

describe.each([false, true])('refusals, stream: %s', (streamed) => {
  it.each([
    ['fail-rate-limit', 429, 'rate_limit_exceeded', '1'],
    ['fail-overloaded', 503, null, null],
    ['fail-server', 500, null, null],
    ['fail-auth', 401, 'invalid_api_key', null],
    ['fail-context', 400, 'context_length_exceeded', null],
  ])('%s answers %i', async (model, status, code, retryAfter) => {
    const response = await post(sandbox, ask(model, 'hello', { stream: streamed }));
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    const { error } = (await response.json()) as { error: Record<string, unknown> };
    expect(error).toEqual({
      message: expect.any(String),
      type: expect.any(String),
      param: null,
      code,
    });
  });
});

describe('fail-timeout', () => {
  it('accepts the request and stays silent until the client goes', async () => {
    const { hostname, port } = new URL(sandbox.baseUrl);
    const path = '/v1/chat/completions';
    const asking = request({ hostname, port, path, method: 'POST', agent: false });
    let answered = false;
    asking.on('response', () => {
      answered = true;
    });
    asking.end(JSON.stringify(ask('fail-timeout', 'hello', { stream: true })));
    await once(asking, 'finish');
    // Another model, asked later and slower than any answer of this one would be, comes first.
    await complete(sandbox, ask('echo', '[pace 20] 0123456789'));
    expect(answered).toBe(false);
    asking.on('error', () => undefined);
    asking.destroy();
    await new Promise((resolve) => asking.once('close', resolve));
    expect(answered).toBe(false);
  });

  it('does not keep the sandbox from closing', async () => {
    const other = await startSandbox();
    const asked = post(other, ask('fail-timeout', 'hello')).then(
      () => 'answered',
      () => 'cut',
    );
    // The connection of the first request stands once a second one has been answered.
    await complete(other, ask('echo', 'hello'));
    await other.close();
    expect(await asked).toBe('cut');
    await other.close();
  });
});

describe('fail-mid-stream', () => {
  it('sends half of the tokens, then breaks the connection without an end', async () => {
    const { chunks, data, brokeOff } = await stream(sandbox, ask('fail-mid-stream', '90 tokens'));
    expect(brokeOff).toBe(true);
    const { content, finish } = fold(chunks);
    expect(Buffer.byteLength(content ?? '')).toBe(45 * 4);
    expect(finish).toEqual([]);
    expect(data).not.toContain('[DONE]');
  });

  it('breaks off in the middle of a whole answer', async () => {
    const response = await post(sandbox, ask('fail-mid-stream', 'hello'));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });
});

describe('fail-error-event', () => {
  it('sends half of the tokens, then an error event and an orderly end', async () => {
    const { chunks, data, brokeOff } = await stream(sandbox, ask('fail-error-event', '90 tokens'));
    expect(brokeOff).toBe(false);
    const { content, finish } = fold(chunks);
    expect(Buffer.byteLength(content ?? '')).toBe(45 * 4);
    expect(finish).toEqual([]);
    expect(JSON.parse(data.at(-1) ?? '')).toMatchObject({ error: { type: 'server_error' } });
  });

  it('refuses with 500 when not streamed', async () => {
    const response = await post(sandbox, ask('fail-error-event', 'hello'));
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ error: { type: 'server_error' } });
  });
});

describe('false usage', () => {
  const asked = { stream_options: { include_usage: true } };

  it('fail-no-usage answers completely and reports nothing', async () => {
    const whole = await complete(sandbox, ask('fail-no-usage', '5 tokens'));
    expect(whole).not.toHaveProperty('usage');
    expect(whole.choices[0]?.finish_reason).toBe('stop');
    const { chunks, data } = await stream(sandbox, ask('fail-no-usage', '5 tokens', asked));
    expect(fold(chunks)).toMatchObject({
      content: whole.choices[0]?.message.content,
      finish: ['stop'],
    });
    expect(chunks.filter((chunk) => chunk.usage)).toEqual([]);
    expect(data.at(-1)).toBe('[DONE]');
  });

  it('fail-bad-usage answers completely and reports what cannot be true', async () => {
    const whole = await complete(sandbox, ask('fail-bad-usage', '5 tokens'));
    const { chunks } = await stream(sandbox, ask('fail-bad-usage', '5 tokens', asked));
    for (const usage of [whole.usage, chunks.at(-1)?.usage]) {
      if (!usage) throw new Error('no usage');
      expect(usage.completion_tokens).toBeLessThan(0);
      expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(usage.prompt_tokens);
    }
    expect(fold(chunks).finish).toEqual(['stop']);
  });
});

const ALL_MODELS = [...SANDBOX_MODELS, ...SANDBOX_DIRECT_MODELS];

describe('every model of the list', () => {
  it('stands in the documentation', () => {
    const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `sandbox\/([a-z-]+)` \|/gm)].map(([, id]) => id);
    expect(documented).toEqual(ALL_MODELS.map(({ id }) => id));
  });

  it('is served under its id and described', async () => {
    const { data } = (await (await fetch(`${sandbox.baseUrl}/models`)).json()) as {
      data: { id: string; object: string }[];
    };
    expect(data.map(({ id }) => id)).toEqual(ALL_MODELS.map(({ id }) => id));
    expect(Object.isFrozen(SANDBOX_MODELS) && ALL_MODELS.every(Object.isFrozen)).toBe(true);
    for (const { description } of ALL_MODELS) expect(description).toMatch(/^\S[^\n]{10,90}\.$/);
    for (const { id } of SANDBOX_MODELS) {
      if (id.startsWith('fail-')) continue;
      const answer: Completion = await complete(sandbox, ask(id, 'hello'));
      expect(answer.model).toBe(id);
      expect(answer.choices[0]?.message.content).not.toBe('');
    }
  });
});
