// What the sandbox refuses of a request itself, in OpenAI's shape; and that the official client
// library reads its answers.

import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { Body } from './client.ts';
import { ask, complete, post } from './client.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

async function refusalOf(body: Body | string) {
  const response = await post(sandbox, body);
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, ...error };
}

describe('a bad request', () => {
  it.each(['', '{', 'null', '[]', '"text"'])('is refused when the body is %j', async (body) => {
    expect(await refusalOf(body)).toMatchObject({ status: 400, type: 'invalid_request_error' });
  });

  it.each(['gpt-5', 'constructor', '__proto__', ''])('for model %j is 404', async (model) => {
    expect(await refusalOf(ask(model, 'hello'))).toMatchObject({
      status: 404,
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    });
  });

  it.each<[string, Body]>([
    ['model', { messages: [{ role: 'user', content: 'hello' }] }],
    ['messages', { model: 'echo' }],
    ['messages', { model: 'echo', messages: [] }],
    ['messages', { model: 'echo', messages: 'hello' }],
    ['messages[1].role', { model: 'echo', messages: [{ role: 'user' }, 'hello'] }],
    ['n', ask('echo', 'hello', { n: 0 })],
    ['n', ask('echo', 'hello', { n: 9 })],
    ['n', ask('echo', 'hello', { n: 1.5 })],
    ['max_tokens', ask('echo', 'hello', { max_tokens: 0 })],
    ['max_tokens', ask('echo', 'hello', { max_tokens: '10' })],
    ['max_completion_tokens', ask('echo', 'hello', { max_completion_tokens: -1 })],
    ['stop', ask('echo', 'hello', { stop: ['a', 'b', 'c', 'd', 'e'] })],
    ['reasoning_effort', ask('echo', 'hello', { reasoning_effort: 'enormous' })],
    ['tools[0].function.name', ask('tools', 'hello', { tools: [{ type: 'function' }] })],
    ['tool_choice', ask('tools', 'hello', { tool_choice: { function: { name: 'absent' } } })],
  ])('is refused by the name of its field: %s', async (param, body) => {
    expect(await refusalOf(body)).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
    });
  });

  it('costs the sandbox little, however deep it is', async () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    const rules = `{"type":"object","required":["x"],"properties":{"x":${deep}},"allOf":${deep}}`;
    const tools = `[{"type":"function","function":{"name":"f","parameters":${rules}}}]`;
    const format = `{"type":"json_schema","json_schema":{"name":"f","schema":${rules}}}`;
    const messages = (content: string) => `[{"role":"user","content":${content}}]`;
    expect(
      await refusalOf(`{"model":"tools","messages":${messages('"hello"')},"tools":${tools}}`),
    ).toMatchObject({ status: 400, param: 'tools' });
    const other = `{"model":"echo","messages":${messages(deep)},"response_format":${format}}`;
    expect((await post(sandbox, other)).status).toBe(200);
  });
});

describe('the body', () => {
  it('may be 32 MiB long and no longer', async () => {
    const limit = 32 * 1024 * 1024;
    const frame = JSON.stringify(ask('echo', '')).length;
    const fits = ask('echo', 'a'.repeat(limit - frame), { max_tokens: 1 });
    const head = JSON.stringify({ max_tokens: 1 }).length - 1;
    const exact = ask('echo', 'a'.repeat(limit - frame - head), { max_tokens: 1 });
    expect(JSON.stringify(exact)).toHaveLength(limit);
    expect((await post(sandbox, exact)).status).toBe(200);
    expect(await refusalOf(fits)).toMatchObject({ status: 413, type: 'invalid_request_error' });
  });
});

describe('the address', () => {
  it('is the two routes of the protocol and no other', async () => {
    const origin = sandbox.baseUrl.replace('/v1', '');
    const statusOf = async (method: string, path: string) =>
      (await fetch(`${origin}${path}`, { method })).status;
    expect(await statusOf('GET', '/v1/models?limit=1')).toBe(200);
    expect(await statusOf('POST', '/v1/models')).toBe(405);
    expect(await statusOf('GET', '/v1/chat/completions')).toBe(405);
    expect(await statusOf('POST', '/v1/completions')).toBe(404);
    expect(new URL(sandbox.baseUrl).hostname).toBe('127.0.0.1');
  });

  it('is the port that was asked for, and a taken one is refused', async () => {
    const port = Number(new URL(sandbox.baseUrl).port);
    await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const free = await startSandbox();
    await free.close();
    const again = await startSandbox({ port: Number(new URL(free.baseUrl).port) });
    expect(again.baseUrl).toBe(free.baseUrl);
    expect((await complete(again, ask('echo', 'hello'))).model).toBe('echo');
    await again.close();
  });

  it('names each request, the same body by the same name', async () => {
    const nameOf = async (body: Body) =>
      (await post(sandbox, body)).headers.get('x-request-id') ?? 'missing';
    const name = await nameOf(ask('echo', 'hello'));
    expect(name).toMatch(/^req_[0-9a-f]{32}$/);
    expect(await nameOf(ask('echo', 'hello'))).toBe(name);
    expect(await nameOf(ask('echo', 'other'))).not.toBe(name);
    expect(await nameOf(ask('fail-server', 'hello'))).toMatch(/^req_/);
  });
});

describe('the official client', () => {
  const tools = [
    { type: 'function' as const, function: { name: 'f', parameters: { type: 'object' } } },
  ];
  const messages = [{ role: 'user' as const, content: 'in parallel' }];

  it('reads whole answers, streams and refusals', async () => {
    const client = new OpenAI({ baseURL: sandbox.baseUrl, apiKey: 'none', maxRetries: 0 });
    const whole = await client.chat.completions.create({ model: 'echo', messages });
    expect(whole.choices[0]?.message.content).toBe('in parallel');

    const streaming = client.chat.completions.stream({ model: 'tools', messages, tools });
    const final = await streaming.finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    expect(final.choices[0]?.message.tool_calls).toHaveLength(2);

    const refused = client.chat.completions.create({ model: 'fail-rate-limit', messages });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    const failing = client.chat.completions.stream({ model: 'fail-error-event', messages });
    await expect(failing.finalChatCompletion()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});
