// Gemini's embeddings: what a request may hold, where the model is named, and what little is reported.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { DirectProtocol } from '../../../src/protocols/protocol.ts';
import { QUIRKS } from '../streams.ts';
import { refusal } from '../translation/requests.ts';
import { ADDRESS } from './wire.ts';

const { 'gemini-embeddings': one, 'gemini-batch-embeddings': batch } = PROTOCOLS;

const content = { parts: [{ text: 'a' }] };
const inspect = (protocol: DirectProtocol, body: object) =>
  protocol.inspectRequest(body as JsonObject, undefined, ADDRESS);
const edit = (protocol: DirectProtocol, body: object) =>
  protocol
    .editRequest(body as JsonObject, { model: 'up' }, QUIRKS)
    .map(({ key, json }) => [key, JSON.parse(json ?? 'null')]);

describe("Gemini's embeddings", () => {
  it('are for the model of the address', () => {
    const named = { model: 'models/m', content, taskType: 'RETRIEVAL_QUERY' };
    expect(inspect(one, named)).toMatchObject({ model: 'm', choices: 1, stream: false });
    expect(inspect(one, { content })).toMatchObject({ model: 'm' });
    expect(inspect(batch, { requests: [named, { model: 'm', content }] })).toMatchObject({
      model: 'm',
    });
  });

  it.each<[string, DirectProtocol, object]>([
    ['invalid_request content', one, {}],
    ['invalid_request content.parts', one, { content: { parts: [] } }],
    ['invalid_request model', one, { content, model: 'models/other' }],
    ['unsupported_parameter content.parts[0]', one, { content: { parts: [{ inlineData: {} }] } }],
    ['invalid_request requests', batch, {}],
    ['invalid_request requests', batch, { requests: [] }],
    ['invalid_request requests', batch, { requests: Array.from({ length: 101 }, () => 1) }],
    ['invalid_request requests[0].model', batch, { requests: [{ content, model: 'x' }] }],
    ['invalid_request requests[1].content', batch, { requests: [{ content }, {}] }],
    ['invalid_request api_key', batch, { api_key: 'x', requests: [{ content }] }],
  ])('are refused: %s', (expected, protocol, body) => {
    expect(refusal(() => inspect(protocol, body))).toBe(expected);
  });

  it("name the provider's model wherever the body must", () => {
    expect(edit(one, { content })).toEqual([]);
    expect(edit(one, { content, model: 'models/m' })).toEqual([['model', 'models/up']]);
    expect(edit(batch, { requests: [{ content }, { content, model: 'models/m' }] })).toEqual([
      [
        'requests',
        [
          { content, model: 'models/up' },
          { content, model: 'models/up' },
        ],
      ],
    ]);
    expect(edit(batch, { requests: [{ content, model: 'models/up' }] })).toEqual([]);
    const target = { model: 'up', stream: false };
    expect(one.upstreamPath(target)).toBe('/models/up:embedContent');
    expect(batch.upstreamPath(target)).toBe('/models/up:batchEmbedContents');
  });

  it('report usage where the provider does', () => {
    const facts = inspect(one, { content });
    expect(one.readUsage({ embedding: { values: [0] } }, facts)).toBeUndefined();
    const usageMetadata = { promptTokenCount: 5, totalTokenCount: 5 };
    expect(batch.readUsage({ embeddings: [], usageMetadata }, facts)).toMatchObject({
      input: { inUncached: 5 },
      final: true,
    });
    expect(() => one.readUsage({ error: { code: 503 } }, facts)).toThrow(/overloaded/);
  });
});
