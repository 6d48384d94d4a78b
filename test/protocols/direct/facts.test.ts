// What the endpoints that are not conversations demand before they are admitted, and the fields that
// they refuse because they would cost what no price covers.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { DirectProtocol, Files } from '../../../src/protocols/protocol.ts';
import { wavOf } from '../../support/audio.ts';
import { QUIRKS } from '../streams.ts';

const {
  'openai-embeddings': embeddings,
  'openai-images': images,
  'openai-speech': speech,
  'openai-transcriptions': transcriptions,
  rerank,
} = PROTOCOLS;

const BODIES = new Map<DirectProtocol, JsonObject>([
  [embeddings, { input: 'a' }],
  [images, { prompt: 'a' }],
  [speech, { input: 'a' }],
  [transcriptions, {}],
  [rerank, { query: 'a', documents: ['b'] }],
]);

const FILES: Files = new Map([['file', wavOf(16_000)]]);

function inspect(protocol: DirectProtocol, more: JsonObject = {}, files = FILES) {
  return protocol.inspectRequest({ model: 'm', ...BODIES.get(protocol), ...more }, files);
}

function refusal(protocol: DirectProtocol, more: JsonObject): unknown {
  try {
    inspect(protocol, more);
    return undefined;
  } catch (error) {
    return (error as { param?: string }).param;
  }
}

describe('the demand of a request', () => {
  it('is the images that are asked for', () => {
    expect(inspect(images)).toMatchObject({ model: 'm', choices: 1, units: { images: 1 } });
    expect(inspect(images, { n: 10 })).toMatchObject({ choices: 10, lowersChoices: true });
  });

  it('is the characters of the text, by code points', () => {
    const count = (input: string) => inspect(speech, { input }).units;
    expect(count('a b\n')).toEqual({ characters: 4 });
    expect(count('👩‍👩‍👧é')).toEqual({ characters: 6 });
  });

  it('is the length of a recording, exact for WAV and bounded for all else', () => {
    const measure = (file: Buffer) => {
      const { units, likelyUnits } = inspect(transcriptions, {}, new Map([['file', file]]));
      return [units?.audioMs, likelyUnits?.audioMs];
    };
    expect(measure(wavOf(16_000))).toEqual([1_000, undefined]);
    expect(measure(wavOf(16_001))).toEqual([2_000, undefined]);
    expect(measure(Buffer.alloc(24_000))).toEqual([32_000, 3_000]);
  });

  it('is a search for each begun hundred of documents, of parts where they are long', () => {
    const search = (documents: string[], query = 'a') => {
      const { units, likelyUnits } = inspect(rerank, { query, documents });
      return [units?.searchUnits, likelyUnits?.searchUnits];
    };
    expect(search(Array(100).fill('b') as string[])).toEqual([1, 1]);
    expect(search(Array(101).fill('b') as string[])).toEqual([2, 2]);
    expect(search(Array(100).fill('b'.repeat(500)) as string[])).toEqual([2, 1]);
    expect(search(Array(100).fill('b'.repeat(250)) as string[], 'a'.repeat(9_000))).toEqual([1, 1]);
    expect(search(Array(100).fill('b'.repeat(251)) as string[], 'a'.repeat(9_000))).toEqual([2, 1]);
  });

  it('is nothing but tokens for embeddings, of texts and of tokens', () => {
    for (const input of ['a', ['a', 'b'], [1, 2], [[1], [2, 3]]]) {
      const { units, choices } = inspect(embeddings, { input });
      expect([units, choices]).toEqual([undefined, 1]);
    }
  });
});

describe('a field that costs what no price covers', () => {
  it.each([
    [images, { stream: true }, 'stream'],
    [images, { partial_images: 2 }, 'partial_images'],
    [images, { frame_count: 9 }, 'frame_count'],
    [images, { svg: { model: 'other' } }, 'svg'],
    [images, { output_format: 'gif' }, 'output_format'],
    [images, { service_tier: 'priority' }, 'service_tier'],
    [speech, { stream_format: 'sse' }, 'stream_format'],
    [transcriptions, { 'known_speaker_references[]': ['data:'] }, 'known_speaker_references[]'],
    [rerank, { base_url: 'https://other.example' }, 'base_url'],
    [embeddings, { input: [1, 'a'] }, 'input[0]'],
    [embeddings, { input: [[['a']]] }, 'input[0][0]'],
    [embeddings, { input: null }, 'input'],
  ] as [DirectProtocol, JsonObject, string][])('is refused: %#', (protocol, more, param) => {
    expect(refusal(protocol, more)).toBe(param);
  });

  it.each([
    [images, { stream: false, n: null, size: '1024x1024', output_format: 'png' }],
    [speech, { stream_format: 'audio', speed: 2 }],
    [transcriptions, { stream: 'false', response_format: 'srt' }],
    [rerank, { documents: [{ text: 'b' }], top_n: 1 }],
  ] as [DirectProtocol, JsonObject][])('is not any other: %#', (protocol, more) => {
    expect(refusal(protocol, more)).toBeUndefined();
  });
});

describe('the edits of a body', () => {
  it('are the model alone', () => {
    for (const protocol of BODIES.keys()) {
      expect(protocol.editRequest({ model: 'a/m' }, { model: 'm' }, QUIRKS)).toEqual([
        { key: 'model', json: '"m"' },
      ]);
      expect(protocol.editRequest({ model: 'm' }, { model: 'm' }, QUIRKS)).toEqual([]);
    }
  });

  it('are the number of images where the balance lowers it', () => {
    const edit = (body: JsonObject) =>
      images.editRequest({ model: 'm', ...body }, { model: 'm', choices: 2 }, QUIRKS);
    expect(edit({ n: 5 })).toEqual([{ key: 'n', json: '2' }]);
    expect(edit({})).toEqual([{ key: 'n', json: '2' }]);
    expect(edit({ n: 2 })).toEqual([]);
  });
});
