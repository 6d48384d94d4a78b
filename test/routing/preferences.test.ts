// How a caller says what it wants of the way of its request.

import { describe, expect, it } from 'vitest';
import type { HubError } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { conversationOf } from '../../src/routing/conversation.ts';
import { NO_PREFERENCES, readPreferences, splitSuffix } from '../../src/routing/preferences.ts';

const faultOf = (body: JsonObject, header?: string): unknown => {
  try {
    return readPreferences(body, header);
  } catch (error) {
    const { code, param } = error as HubError;
    return [code, param];
  }
};

describe('preferences', () => {
  it('are none where nothing is said', () => {
    expect(readPreferences({ model: 'm' }, undefined)).toBeUndefined();
  });

  it('are read from the body, by the names of OpenRouter', () => {
    const provider = {
      order: ['a', 'b'],
      only: ['a', 'b', 'c'],
      ignore: ['d'],
      sort: 'latency',
      max_price: { prompt: 1.5, completion: '3' },
      regions: ['eu'],
      zero_retention: true,
      data_collection: 'deny',
      allow_fallbacks: false,
    };
    const body = { model: 'm', models: ['n', 'o'], route: 'fallback', provider };
    expect(readPreferences(body, undefined)).toEqual({
      fallbacks: ['n', 'o'],
      order: ['a', 'b'],
      only: ['a', 'b', 'c'],
      ignore: ['d'],
      sort: 'latency',
      maxPrice: { prompt: 1_500_000_000n, completion: 3_000_000_000n },
      regions: ['eu'],
      zeroRetention: true,
      noTraining: true,
      allowFallbacks: false,
    });
  });

  it('are read from the header, and the body goes before it', () => {
    const header = JSON.stringify({ order: ['a'], sort: 'price', models: ['n'] });
    expect(readPreferences({}, header)).toEqual({
      ...NO_PREFERENCES,
      order: ['a'],
      sort: 'price',
      fallbacks: ['n'],
    });
    const body = { models: ['o'], provider: { order: ['b'] } };
    expect(readPreferences(body, header)).toMatchObject({
      order: ['b'],
      sort: 'price',
      fallbacks: ['o'],
    });
  });

  it.each<readonly [JsonObject, string | undefined, string]>([
    [{ provider: { orders: ['a'] } }, undefined, 'provider.orders'],
    [{ provider: 'a' }, undefined, 'provider'],
    [{ provider: { sort: 'beauty' } }, undefined, 'provider.sort'],
    [{ provider: { order: ['a', 7] } }, undefined, 'provider.order.1'],
    [{ provider: { max_price: { prompt: -1 } } }, undefined, 'provider.max_price.prompt'],
    [{ provider: { max_price: { prompt: '1e3' } } }, undefined, 'provider.max_price.prompt'],
    [{ models: Array.from({ length: 9 }, () => 'm') }, undefined, 'models'],
    [{ route: 'scenic' }, undefined, 'route'],
    [{}, '{', 'x-inferencehub-routing'],
    [{}, '{"route":"fallback"}', 'x-inferencehub-routing.route'],
  ])('%j %s is refused by name', (body, header, param) => {
    expect(faultOf(body, header)).toEqual(['invalid_request', param]);
  });

  it('take a suffix of ours from a name, and no other', () => {
    expect(splitSuffix('a/b:floor')).toEqual({ name: 'a/b', sort: 'price' });
    expect(splitSuffix('a/b:nitro')).toEqual({ name: 'a/b', sort: 'throughput' });
    expect(splitSuffix('a/b:8b')).toEqual({ name: 'a/b:8b' });
  });
});

describe('a conversation', () => {
  const turn = (text: string, role = 'user') => ({ role, content: text });

  it('has the name that its client gives it', () => {
    for (const header of ['x-claude-code-session-id', 'session_id', 'x-session-id']) {
      const headers = { [header]: 's1' };
      expect(conversationOf(headers, { messages: [turn('a')] })).toBe('session s1');
    }
    expect(conversationOf({}, { prompt_cache_key: 'k' })).toBe('session k');
    expect(conversationOf({}, { metadata: { user_id: 'u' } })).toBe('session u');
  });

  it.each<readonly [string, (turns: readonly object[]) => object]>([
    ['messages', (turns) => ({ system: 'be brief', messages: turns })],
    ['input', (turns) => ({ instructions: 'be brief', input: turns })],
    ['contents', (turns) => ({ systemInstruction: { parts: [] }, contents: turns })],
  ])('is known again by how it begins: %s', (_, bodyOf) => {
    const first = [turn('hello'), turn('hi', 'assistant')];
    const named = (turns: readonly object[]) => conversationOf({}, bodyOf(turns) as JsonObject);
    expect(named(first)).toBe(named([...first, turn('and then?')]));
    expect(named(first)).not.toBe(named([turn('good day'), turn('hi', 'assistant')]));
  });

  it('is unknown where there is nothing to tell it by', () => {
    expect(conversationOf({}, { model: 'm' })).toBeUndefined();
  });
});
