// What a provider says of a key, asked over real HTTP, and what it is asked with.

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROVIDERS } from '../../src/providers/list.ts';
import { checkKey } from '../../src/upstream/check-key.ts';

const asked: { method: unknown; url: unknown; key: unknown }[] = [];
let status = 200;
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  asked.push({ method, url, key: headers['x-api-key'] ?? headers.authorization });
  response.writeHead(status).end('x'.repeat(1_000_000));
});
let origin: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());
beforeEach(() => void asked.splice(0));

function check(id: string, baseUrl = `${origin}/v1`, privateNetwork = true) {
  const provider = PROVIDERS.find((each) => each.id === id);
  if (provider?.keyCheckPath === undefined) throw new Error(`${id} cannot be checked`);
  return checkKey(provider, { baseUrl, credential: 'sk-1', privateNetwork }, provider.keyCheckPath);
}

describe('a key', () => {
  it.each([
    ['openai', 200, 'accepted', '/v1/models', 'Bearer sk-1'],
    ['anthropic', 401, 'refused', '/v1/models', 'sk-1'],
    ['openrouter', 403, 'refused', '/v1/key', 'Bearer sk-1'],
    ['groq', 400, 'refused', '/v1/models', 'Bearer sk-1'],
    ['mistral', 429, 'unclear', '/v1/models', 'Bearer sk-1'],
    ['xai', 500, 'unclear', '/v1/models', 'Bearer sk-1'],
  ])('at %s, which answers %i, is %s', async (id, answered, result, url, key) => {
    status = answered;
    expect(await check(id)).toEqual({ result, status });
    expect(asked).toEqual([{ method: 'GET', url, key }]);
  });

  it('is not judged where nobody answers, and never sent into a private network', async () => {
    expect(await check('openai', 'http://127.0.0.1:1/v1')).toEqual({
      result: 'unreachable',
      status: null,
    });
    const local = origin.replace('127.0.0.1', 'localhost');
    expect((await check('openai', local, false)).result).toBe('unreachable');
    expect(asked).toEqual([]);
  });
});
